// ESP32 with an MPU-6050: one second of vibration in each message. Library: PubSubClient.
#include <Preferences.h>
#include <PubSubClient.h>
#include <WiFi.h>
#include <Wire.h>
#include <sys/time.h>

const char* TOPIC = "fieldlab/v1/SITE/my-rig/esp32/wave/acc";
const uint32_t RATE_HZ = 1000, COUNT = 1000;
#pragma pack(push, 1)
struct Header {
  char magic[4]; uint8_t version; uint8_t dtype; uint16_t channels; uint32_t samples; uint32_t boot;
  uint64_t seq; uint64_t ts_us; double rate_hz; float scale; uint32_t flags;
};
#pragma pack(pop)
uint8_t message[sizeof(Header) + 2 * COUNT];
WiFiClient net;
PubSubClient bus(net);
uint32_t boot;
uint64_t seq = 0;

void writeByte(uint8_t place, uint8_t value) {
  Wire.beginTransmission(0x68); Wire.write(place); Wire.write(value); Wire.endTransmission();
}

int16_t readAxis() {
  Wire.beginTransmission(0x68); Wire.write(0x3F); Wire.endTransmission(false);  // z
  Wire.requestFrom(0x68, 2);
  uint8_t high = Wire.read(), low = Wire.read();
  return (int16_t)(high << 8 | low);
}

void setup() {
  Preferences kept;  // which start this is: the hub orders by it, so it must grow
  kept.begin("fieldlab");
  boot = kept.getUInt("boot", 0) + 1;
  kept.putUInt("boot", boot);
  WiFi.begin("NETWORK", "PASSWORD");
  while (WiFi.status() != WL_CONNECTED) delay(200);
  configTime(0, 0, "pool.ntp.org");  // a true clock
  while (time(nullptr) < 1600000000) delay(200);
  Wire.begin();
  Wire.setClock(400000);
  writeByte(0x6B, 0);  // wake up; +-2 g is 16384 steps a g
  bus.setServer("HOST", PORT);
  bus.setBufferSize(sizeof(message) + 100);
}

void loop() {
  if (!bus.connected()) bus.connect("my-rig-esp32");  // with accounts: (id, user, password)
  timeval now;
  gettimeofday(&now, nullptr);
  uint64_t ts_us = now.tv_sec * 1000000ULL + now.tv_usec;
  Header head = {{'F', 'L', 'W', '1'}, 1, 2, 1, COUNT, boot, ++seq, ts_us, (double)RATE_HZ, 1.0f / 16384, 4};
  memcpy(message, &head, sizeof(head));
  uint32_t next = micros();
  for (uint32_t at = 0; at < COUNT; at++, next += 1000000 / RATE_HZ) {
    while ((int32_t)(micros() - next) < 0) {}
    int16_t value = readAxis();
    memcpy(message + sizeof(head) + 2 * at, &value, 2);
  }
  bus.publish(TOPIC, message, sizeof(message));
  bus.loop();
}
