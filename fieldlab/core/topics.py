"""The topic tree: build, parse and match, all in one screen.

fieldlab/v1/{site}/{machine}/{node}/status | meta | ack      of a node
fieldlab/v1/{site}/{machine}/{node}/wave/{sensor}            waveform blocks
fieldlab/v1/{site}/{machine}/{node}/value/{sensor}           single readings
fieldlab/v1/{site}/{machine}/health                          latest Health, retained
fieldlab/v1/{site}/{machine}/case/{id}                       a case's current step, retained
fieldlab/v1/{site}/{machine}/cmd/{name}                      a command, never retained
fieldlab/v1/{site}/{machine}/reply/{id}                      its answer
"""

from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from fieldlab.core.errors import PayloadError

ROOT = "fieldlab/v1"

NodeKind = Literal["status", "meta", "ack", "wave", "value"]
MachineKind = Literal["health", "case", "cmd", "reply"]
_OF_NODE: tuple[str, ...] = get_args(NodeKind)
_WITH_LEAF = ("wave", "value", "case", "cmd", "reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One place in the topic tree; `leaf` is the sensor, case, command or reply id."""

    site: str
    machine: str
    kind: NodeKind | MachineKind
    node: str = ""
    leaf: str = ""

    def __str__(self) -> str:
        """Return the topic as the broker knows it.

        >>> str(Topic(site="hall", machine="press", node="pi-1", kind="wave", leaf="acc"))
        'fieldlab/v1/hall/press/pi-1/wave/acc'
        """
        node = (self.node,) if self.kind in _OF_NODE else ()
        leaf = (self.leaf,) if self.kind in _WITH_LEAF else ()
        return "/".join((ROOT, self.site, self.machine, *node, self.kind, *leaf))


def parse(topic: str) -> Topic:
    """Return what a topic speaks of.

    Raises
    ------
    PayloadError
        If the topic is not in the tree.

    >>> parse("fieldlab/v1/hall/press/pi-1/ack").kind
    'ack'
    """
    words = topic.split("/")
    if words[:2] == ROOT.split("/") and all(words):
        match words[2:]:
            case [site, machine, "health"]:
                return Topic(site=site, machine=machine, kind="health")
            case [site, machine, ("case" | "cmd" | "reply") as kind, leaf]:
                return Topic(site=site, machine=machine, kind=kind, leaf=leaf)
            case [site, machine, node, ("status" | "meta" | "ack") as kind]:
                return Topic(site=site, machine=machine, node=node, kind=kind)
            case [site, machine, node, ("wave" | "value") as kind, leaf]:
                return Topic(site=site, machine=machine, node=node, kind=kind, leaf=leaf)
    raise PayloadError(f"topic '{topic[:200]}' is not in the tree {ROOT}/…")


def pattern(kind: NodeKind | MachineKind, *, site: str = "+", machine: str = "+") -> str:
    """Return the subscription that catches one kind of message.

    >>> pattern("wave"), pattern("cmd", site="hall", machine="press")
    ('fieldlab/v1/+/+/+/wave/+', 'fieldlab/v1/hall/press/cmd/+')
    """
    return str(Topic(site=site, machine=machine, node="+", kind=kind, leaf="+"))


def matches(subscription: str, topic: str) -> bool:
    """Return whether a subscription with + and # catches a topic (MQTT 3.1.1, section 4.7).

    >>> matches("fieldlab/v1/#", "fieldlab/v1/a/b/health"), matches("a/+", "a/b/c")
    (True, False)
    """
    wanted, found = subscription.split("/"), topic.split("/")
    for at, word in enumerate(wanted):
        if word == "#":
            return True
        if at >= len(found) or word not in ("+", found[at]):
            return False
    return len(wanted) == len(found)


def retained(kind: NodeKind | MachineKind) -> bool:
    """Return whether messages of this kind are kept by the broker for who comes later."""
    match kind:
        case "status" | "meta" | "health" | "case":
            return True
        case "ack" | "wave" | "value" | "cmd" | "reply":
            return False
        case _:
            assert_never(kind)
