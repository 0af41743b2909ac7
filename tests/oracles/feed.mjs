// Judges whole feeds: octets, then what ical.js reads, then the rules for a published calendar.
//
// In:  [base64 of the octets of a calendar].
// Out: [{"problems": [sentence], "facts": {"name", "refresh", "method", "events": [{"uid", "start", "end", "status", ...}]}}].

import { octetProblems, readCalendars, readInput, sequence, text, time } from "./itip.mjs";

const ONCE_IN_EVENT = ["uid", "dtstamp", "sequence", "dtstart", "dtend", "summary", "status"];
const NEVER_IN_EVENT = ["organizer", "attendee", "duration"];

const inputs = await readInput();
process.stdout.write(JSON.stringify(inputs.map((base64) => judge(Buffer.from(base64, "base64")))));

function judge(octets) {
  const problems = octetProblems(octets);
  try {
    const calendars = readCalendars(octets);
    if (calendars.length !== 1) return { problems: [...problems, "not exactly one VCALENDAR"], facts: {} };
    const events = calendars[0].getAllSubcomponents("vevent");
    const uids = events.map((event) => text(event, "uid"));
    if (new Set(uids).size !== uids.length) problems.push("a UID that stands twice");
    for (const name of ["version", "prodid"]) {
      if (calendars[0].getAllProperties(name).length !== 1) problems.push(`not once ${name.toUpperCase()}`);
    }
    for (const event of events) problems.push(...eventProblems(event));
    return { problems, facts: read(calendars[0], events) };
  } catch (error) {
    return { problems: [...problems, `ical.js cannot read it: ${error.message}`], facts: {} };
  }
}

function eventProblems(event) {
  const problems = [];
  for (const name of ONCE_IN_EVENT) if (event.getAllProperties(name).length !== 1) problems.push(`not once ${name.toUpperCase()}`);
  for (const name of NEVER_IN_EVENT) if (event.getFirstProperty(name)) problems.push(`a ${name.toUpperCase()}`);
  for (const name of ["dtstamp", "dtstart", "dtend"]) if (!time(event, name).endsWith("Z")) problems.push(`${name.toUpperCase()} is not in UTC`);
  if (Date.parse(time(event, "dtend")) <= Date.parse(time(event, "dtstart"))) problems.push("DTEND is not after DTSTART");
  return problems;
}

function read(calendar, events) {
  return {
    name: text(calendar, "x-wr-calname"),
    refresh: text(calendar, "refresh-interval"),
    ttl: text(calendar, "x-published-ttl"),
    method: text(calendar, "method"),
    events: events.map((event) => ({
      uid: text(event, "uid"),
      sequence: sequence(event),
      start: time(event, "dtstart"),
      end: time(event, "dtend"),
      ...Object.fromEntries(["summary", "description", "location", "url", "status"].map((name) => [name, text(event, name)])),
    })),
  };
}
