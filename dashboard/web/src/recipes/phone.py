"""A phone with phyphox: its vibration, asked over the WiFi and brought to the hub.

On the phone: "Acceleration with g", menu, "Allow remote access", play. On a computer:
pip install paho-mqtt
"""
import json
import pathlib
import struct
import time
import urllib.request

import paho.mqtt.client as mqtt

PHONE = "http://PHONE:8080"  # as phyphox shows it
TOPIC, RATE_HZ, COUNT = "fieldlab/v1/SITE/my-rig/phone/wave/acc", 200, 200
KEPT = pathlib.Path.home() / ".my-rig-boot"  # which start this is: it must grow


def next_boot():
    boot = int(KEPT.read_text()) + 1 if KEPT.exists() else 1
    KEPT.write_text(str(boot))
    return boot


def block(boot, seq, t_s, samples):
    head = struct.pack("<4sBBHIIQQdfI", b"FLW1", 1, 1, 1, len(samples), boot, seq,
                       int(t_s * 1e6), RATE_HZ, 1.0, 4)
    return head + struct.pack(f"<{len(samples)}f", *samples)


def evenly(times_s, values, start_s):
    """Return COUNT samples in g at an even rate from a phone's uneven m/s2, None while too few."""
    out, at = [], 0
    for number in range(COUNT):
        t_s = start_s + number / RATE_HZ
        while at + 1 < len(times_s) and times_s[at + 1] < t_s:
            at += 1
        if at + 1 >= len(times_s):
            return None
        share = (t_s - times_s[at]) / (times_s[at + 1] - times_s[at])
        out.append((values[at] + share * (values[at + 1] - values[at])) / 9.80665)
    return out


def newer(since_s):
    asked = f"{PHONE}/get?acc_time={since_s}&accZ={since_s}|acc_time"
    with urllib.request.urlopen(asked, timeout=5) as answer:
        found = json.load(answer)["buffer"]
    return found["acc_time"]["buffer"], found["accZ"]["buffer"]


def main():
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "my-rig-phone")
    # client.username_pw_set("NODE", "PASSWORD")  # where 'fieldlab setup' made accounts
    client.connect("HOST", PORT)
    client.loop_start()
    boot, seq, times_s, values, ahead_s = next_boot(), 0, [], [], None
    while True:
        new_s, new = newer(times_s[-1] if times_s else 0)
        times_s, values = times_s + new_s, values + new
        if times_s and ahead_s is None:
            ahead_s = time.time() - times_s[-1]  # the phone counts from its own start
        samples = evenly(times_s, values, times_s[0]) if times_s else None
        if samples is None:
            time.sleep(0.2)
            continue
        seq += 1
        client.publish(TOPIC, block(boot, seq, times_s[0] + ahead_s, samples), qos=1)
        kept = [at for at, t_s in enumerate(times_s) if t_s >= times_s[0] + COUNT / RATE_HZ]
        times_s, values = [times_s[at] for at in kept], [values[at] for at in kept]


if __name__ == "__main__":
    main()
