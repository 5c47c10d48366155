// How each board speaks to the hub: the files are whole, a test runs them; capitals are filled in here.
import esp32File from "./recipes/esp32.yaml?raw";
import esp32 from "./recipes/esp32.ino?raw";
import esphomeFile from "./recipes/esphome.yaml?raw";
import esphome from "./recipes/esphome.txt?raw";
import phoneFile from "./recipes/phone.yaml?raw";
import phone from "./recipes/phone.py?raw";
import piFile from "./recipes/pi.yaml?raw";
import pi from "./recipes/pi.py?raw";
import shellyFile from "./recipes/shelly.yaml?raw";
import shelly from "./recipes/shelly.txt?raw";
import tasmotaFile from "./recipes/tasmota.yaml?raw";
import tasmota from "./recipes/tasmota.txt?raw";

export type Board = "esp32" | "pi" | "phone" | "shelly" | "tasmota" | "esphome";
export const BOARDS: Record<Board, { file: string; code: string; name: string }> = {
  esp32: { file: esp32File, code: esp32, name: "my-rig.ino" },
  pi: { file: piFile, code: pi, name: "my-rig.py" },
  phone: { file: phoneFile, code: phone, name: "phone.py" },
  shelly: { file: shellyFile, code: shelly, name: "" },
  tasmota: { file: tasmotaFile, code: tasmota, name: "" },
  esphome: { file: esphomeFile, code: esphome, name: "" },
};

export const filled = (text: string, words: { host: string; port: string; site: string; machine: string }): string =>
  text.replaceAll("my-rig", words.machine).replace(/\bHOST\b/g, words.host).replace(/\bPORT\b/g, words.port).replace(/\bSITE\b/g, words.site);
