// Plain facts read from iCalendar octets with ical.js, shared by check.mjs, feed.mjs and replay.mjs. No rules here but those for octets.

import ICAL from "ical.js";

const LONGEST_LINE = 75; // octets, without the line break (RFC 5545 §3.1)

/** All of standard input, parsed as JSON. */
export async function readInput() {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk;
  return JSON.parse(text);
}

/** The VCALENDARs in these octets. Throws what TextDecoder or ical.js throws on a bad one. */
export function readCalendars(octets) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  const parsed = ICAL.parse(text);
  const several = parsed.length > 0 && Array.isArray(parsed[0]);
  return (several ? parsed : [parsed]).map((jcal) => new ICAL.Component(jcal));
}

/** "mailto:Ana@Example.org" as "ana@example.org"; "" when the property is absent or no mail address. */
export function address(property) {
  const value = String(property?.getFirstValue() ?? "");
  return /^mailto:/i.test(value) ? value.slice("mailto:".length).trim().toLowerCase() : "";
}

/** The value of a property as text, "" when absent. */
export function text(component, name) {
  return String(component.getFirstPropertyValue(name) ?? "");
}

/** Whether every SEQUENCE is a whole number as written: ical.js reads "0.5", "7x" and "soon" as one, too. */
export function sequencesAreWhole(octets) {
  const unfolded = octets.toString("latin1").replace(/\r?\n[ \t]/g, "");
  return (unfolded.match(/^SEQUENCE[:;].*$/gim) ?? []).every((line) => /^SEQUENCE:\d+\r?$/i.test(line));
}

/** The revision number; a missing SEQUENCE is 0 (RFC 5545 §3.8.7.4). */
export function sequence(event) {
  return Number(event.getFirstPropertyValue("sequence") ?? 0);
}

/**
 * A time as an ISO string: "2026-12-01T09:00:00Z" for an instant (a TZID that comes with its VTIMEZONE is turned
 * into UTC), without "Z" for floating time, "2026-12-01" for a date, "" when absent or unreadable.
 */
export function time(event, name) {
  const property = event.getFirstProperty(name);
  if (!property) return "";
  const raw = String(property.jCal[3]);
  if (property.type === "date") return /^\d{4}-\d\d-\d\d$/.test(raw) ? raw : "";
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/.test(raw)) return "";
  const value = property.getFirstValue();
  const isInstant = raw.endsWith("Z") || (value.zone && value.zone.tzid !== "floating");
  return isInstant ? value.toJSDate().toISOString().replace(".000Z", "Z") : raw;
}

/** Line breaks, folding, encoding and control characters, seen before any parser tidies them up. */
export function octetProblems(octets) {
  const problems = [];
  const bytes = octets.toString("latin1");
  if (bytes.startsWith("\xef\xbb\xbf")) problems.push("begins with a byte order mark");
  if (/\r(?!\n)|(?<!\r)\n/.test(bytes)) problems.push("a line break that is not CRLF");
  if (!bytes.endsWith("\r\n")) problems.push("does not end with CRLF");
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(bytes)) problems.push("a control character");
  const lines = bytes.split(/\r?\n/).slice(0, -1);
  if (lines.some((line) => line === "")) problems.push("an empty line");
  const long = lines.find((line) => line.length > LONGEST_LINE);
  if (long) problems.push(`a line of ${long.length} octets, at most ${LONGEST_LINE} are allowed`);
  if (!lines.every(isUtf8)) problems.push("a line that is not UTF-8 by itself");
  if (!sequencesAreWhole(octets)) problems.push("SEQUENCE is no whole number");
  return problems;
}

function isUtf8(line) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(line, "latin1"));
    return true;
  } catch {
    return false;
  }
}
