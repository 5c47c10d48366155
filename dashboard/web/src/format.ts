// Numbers as people write them, in their language.
import type { Language } from "./state.svelte";

/** English as Europe writes it: days before months, and the clock by 24 hours. */
export const locale = (language: Language): string => (language === "en" ? "en-GB" : language);
export const number = (value: number, language: Language, digits = 1): string =>
  new Intl.NumberFormat(locale(language), { maximumFractionDigits: digits }).format(value);

export const percent = (ratio: number, language: Language): string =>
  new Intl.NumberFormat(locale(language), { style: "percent", maximumFractionDigits: 0 }).format(Math.min(1, ratio));

/** A share of a whole to a tenth of a per cent, for what is nearly all or nearly nothing. */
export const share = (ratio: number, language: Language): string =>
  new Intl.NumberFormat(locale(language), { style: "percent", maximumFractionDigits: 1 }).format(ratio);

export const duration = (seconds: number, language: Language): string => {
  const hour = language === "nl" ? "u" : "h";
  if (seconds < 10) return `${number(seconds, language, seconds < 1 ? 2 : 1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} ${hour} ${Math.round((seconds % 3600) / 60)} min`;
};

export const euro = (value: number, language: Language): string =>
  new Intl.NumberFormat(locale(language), {
    style: "currency", currency: "EUR", maximumFractionDigits: value < 100 ? 2 : 0, minimumFractionDigits: value < 100 ? 2 : 0,
  }).format(value);

export const when = (seconds: number, language: Language): string =>
  new Date(seconds * 1000).toLocaleString(locale(language), { dateStyle: "medium", timeStyle: "short" });

export const clock = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds)), two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours ? `${hours}:` : ""}${hours ? two(Math.floor((whole % 3600) / 60)) : Math.floor(whole / 60)}:${two(whole % 60)}`;
};

const UNITS: [string, string][] = [["_mm", "mm"], ["_deg", "°"], ["_h", "h"], ["_g", "g"]];
export const sizeText = (key: string, value: number | string | undefined, language: Language): string => {
  if (value === undefined) return "–";
  const unit = UNITS.find(([suffix]) => key.endsWith(suffix))?.[1];
  const text = typeof value === "number" ? number(value, language, 2) : value;
  return unit ? `${text}${unit === "°" ? "" : " "}${unit}` : text;
};
