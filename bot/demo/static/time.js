// Moments, shown and reckoned in the district's time zone, which need not be the browser's.

import { say, tongue } from "./i18n.js";

const LOCALES = { zh: "zh-CN", en: "en-GB" };
const formats = new Map();

function format(language, timeZone, options) {
  const key = JSON.stringify([language, timeZone, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALES[tongue(language)], { timeZone, ...options }));
  return formats.get(key);
}

export const clockTime = (moment, zone) =>
  format("en", zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);

/** The wall clock's numbers: {year, month, day, hour, minute, second}. */
export function wall(moment, zone) {
  const options = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" };
  const parts = format("en", zone, options).formatToParts(moment);
  return Object.fromEntries(parts.filter((part) => part.type !== "literal").map((part) => [part.type, Number(part.value)]));
}

const asUtc = (w) => Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second ?? 0);

/** The Date at which the zone's wall clock shows these numbers. */
export function momentOf(numbers, zone) {
  const guess = asUtc(numbers);
  const offset = asUtc(wall(new Date(guess), zone)) - guess;
  return new Date(guess - offset);
}

export function nextAt(hour, now, zone) {
  const today = wall(now, zone);
  const then = momentOf({ ...today, hour, minute: 0, second: 0 }, zone);
  return then > now ? then : momentOf({ ...today, day: today.day + 1, hour, minute: 0, second: 0 }, zone);
}

const pad = (number) => String(number).padStart(2, "0");

export function dayKey(moment, zone) {
  const { year, month, day } = wall(moment, zone);
  return `${year}-${pad(month)}-${pad(day)}`;
}

/** The value of a datetime-local field. */
export function fieldValue(moment, zone) {
  const { hour, minute } = wall(moment, zone);
  return `${dayKey(moment, zone)}T${pad(hour)}:${pad(minute)}`;
}

export function fromField(value, zone) {
  const [year, month, day, hour, minute] = value.split(/[-T:]/).map(Number);
  return momentOf({ year, month, day, hour, minute, second: 0 }, zone);
}

export function dateWithWeekday(moment, zone, language) {
  const date = format(language, zone, { month: "long", day: "numeric" }).format(moment);
  const weekday = format(language, zone, { weekday: "long" }).format(moment);
  return tongue(language) === "zh" ? `${date} ${weekday}` : `${weekday}, ${date}`;
}

export const year = (moment, zone, language) => format(language, zone, { year: "numeric" }).format(moment);

/** A separator's words: 'Today · Wednesday, 20 May'. */
export function dayTitle(moment, now, zone, language) {
  const date = dateWithWeekday(moment, zone, language);
  const near = { [dayKey(now, zone)]: "today", [dayKey(new Date(now - 86400e3), zone)]: "yesterday" }[dayKey(moment, zone)];
  return near ? `${say(language, near)} · ${date}` : date;
}

export function seconds(count) {
  const whole = Math.max(0, Math.round(Number.isFinite(count) ? count : 0));
  return `${Math.floor(whole / 60)}:${pad(whole % 60)}`;
}
