"""The kinds of sensors that an edge can read; a new one is one file and one line here."""

from edge.drivers.mqtt_topic import MqttTopicSensor
from edge.drivers.recording import RecordingSensor

DRIVERS: dict[str, type[MqttTopicSensor] | type[RecordingSensor]] = {
    "mqtt": MqttTopicSensor,
    "recording": RecordingSensor,
}
