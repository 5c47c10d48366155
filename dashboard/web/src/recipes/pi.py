"""Raspberry Pi with an MPU-6050: one second of vibration in each message.

pip install paho-mqtt smbus2
"""
import pathlib
import struct
import time

import paho.mqtt.client as mqtt
from smbus2 import SMBus

TOPIC, RATE_HZ, COUNT = "fieldlab/v1/SITE/my-rig/pi/wave/acc", 500, 500
KEPT = pathlib.Path.home() / ".my-rig-boot"  # which start this is: it must grow


def next_boot():
    boot = int(KEPT.read_text()) + 1 if KEPT.exists() else 1
    KEPT.write_text(str(boot))
    return boot


def block(boot, seq, t_s, samples):
    head = struct.pack("<4sBBHIIQQdfI", b"FLW1", 1, 1, 1, len(samples), boot, seq,
                       int(t_s * 1e6), RATE_HZ, 1.0, 4)
    return head + struct.pack(f"<{len(samples)}f", *samples)


def read_g(bus):
    high, low = bus.read_i2c_block_data(0x68, 0x3F, 2)  # z, 16384 steps a g
    raw = high << 8 | low
    return (raw - 65536 if raw > 32767 else raw) / 16384


def main():
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "my-rig-pi")
    # client.username_pw_set("NODE", "PASSWORD")  # where 'fieldlab setup' made accounts
    client.connect("HOST", PORT)
    client.loop_start()
    boot, seq = next_boot(), 0
    with SMBus(1) as bus:
        bus.write_byte_data(0x68, 0x6B, 0)  # wake up
        while True:
            start_s, samples, seq = time.time(), [], seq + 1
            next_s = time.perf_counter()
            while len(samples) < COUNT:
                while time.perf_counter() < next_s:
                    pass
                samples.append(read_g(bus))
                next_s += 1 / RATE_HZ
            client.publish(TOPIC, block(boot, seq, start_s, samples), qos=1)


if __name__ == "__main__":
    main()
