// Judges single invitations: octets, then what ical.js reads, then the rules for a REQUEST or CANCEL of one meeting.
//
// In:  [base64 of the octets of a calendar].
// Out: [{"problems": [sentence], "facts": {"method", "uid", "sequence", "organizer", "attendees", "start", "end"}}].

import { address, octetProblems, readCalendars, readInput, sequence, text, time } from "./itip.mjs";

const ONCE_IN_EVENT = ["uid", "dtstamp", "sequence", "dtstart", "dtend", "organizer", "summary", "status"];
const AT_MOST_ONCE = ["location", "description", "url", "transp", "class", "created", "last-modified", "priority"];

const inputs = await readInput();
process.stdout.write(JSON.stringify(inputs.map((base64) => judge(Buffer.from(base64, "base64")))));

function judge(octets) {
  const problems = octetProblems(octets);
  const facts = {};
  try {
    const calendars = readCalendars(octets);
    if (calendars.length !== 1 || calendars[0].name !== "vcalendar") {
      problems.push("not exactly one VCALENDAR");
    } else {
      problems.push(...calendarProblems(calendars[0]));
      Object.assign(facts, read(calendars[0]));
    }
  } catch (error) {
    problems.push(`ical.js cannot read it: ${error.message}`);
  }
  return { problems, facts };
}

function calendarProblems(calendar) {
  const problems = [];
  for (const name of ["version", "prodid", "method"]) problems.push(...countProblems(calendar, name, 1, 1));
  if (text(calendar, "version") !== "2.0") problems.push("VERSION is not 2.0");
  const method = text(calendar, "method");
  if (!["REQUEST", "CANCEL"].includes(method)) problems.push(`METHOD is "${method}"`);
  const events = calendar.getAllSubcomponents("vevent");
  const others = calendar.getAllSubcomponents().filter((part) => part.name !== "vevent");
  if (events.length !== 1) return [...problems, `${events.length} VEVENTs instead of one`];
  const isSeries = Boolean(events[0].getFirstProperty("rrule"));
  for (const part of others) {
    if (part.name !== "vtimezone" || !isSeries) problems.push(`a ${part.name.toUpperCase()} beside a single event`);
  }
  problems.push(...eventProblems(events[0]), ...(isSeries ? [] : timeProblems(events[0])));
  problems.push(...(method === "CANCEL" ? cancelProblems(events[0]) : requestProblems(events[0])));
  return problems;
}

function countProblems(component, name, least, most) {
  const count = component.getAllProperties(name).length;
  return count < least || count > most ? [`${count} times ${name.toUpperCase()}`] : [];
}

function eventProblems(event) {
  const problems = [];
  for (const name of ONCE_IN_EVENT) problems.push(...countProblems(event, name, 1, 1));
  for (const name of AT_MOST_ONCE) problems.push(...countProblems(event, name, 0, 1));
  problems.push(...countProblems(event, "attendee", 1, 1), ...countProblems(event, "duration", 0, 0));
  if (!/^[^\s@]+@[^\s@]+$/.test(text(event, "uid"))) problems.push("UID is not of the form name@domain");
  if (!text(event, "summary").trim()) problems.push("SUMMARY is empty");
  for (const name of ["organizer", "attendee"]) problems.push(...personProblems(event, name));
  for (const name of ["summary", "location", "description"]) {
    if (/&(amp|lt|gt|quot|nbsp|#\d+|#x[0-9a-f]+);/i.test(text(event, name))) {
      problems.push(`${name.toUpperCase()} holds HTML entities`);
    }
  }
  return problems;
}

/** Times are instants in UTC, so that a CANCEL needs no VTIMEZONE to be understood. */
function timeProblems(event) {
  const problems = [];
  for (const name of ["dtstamp", "dtstart", "dtend"]) {
    const property = event.getFirstProperty(name);
    const isUtc = property?.type === "date-time" && time(event, name) && String(property.jCal[3]).endsWith("Z");
    if (property && !isUtc) problems.push(`${name.toUpperCase()} is not a time in UTC`);
    if (property?.getParameter("tzid")) problems.push(`${name.toUpperCase()} has a TZID`);
  }
  if (Date.parse(time(event, "dtend")) <= Date.parse(time(event, "dtstart"))) problems.push("DTEND is not after DTSTART");
  return problems;
}

function personProblems(event, name) {
  const label = name.toUpperCase();
  return event.getAllProperties(name).flatMap((person) => {
    const problems = [];
    const shown = String(person.getParameter("cn") ?? "");
    if (!/^[^\s@]+@[^\s@]+$/.test(address(person))) problems.push(`${label} is not a mailto: address`);
    if (/["^\x00-\x1f]/.test(shown) || /\^['n^]/.test(person.toICALString())) {
      problems.push(`CN of ${label} needs an escape that clients show raw`);
    }
    return problems;
  });
}

function requestProblems(event) {
  const problems = [];
  if (text(event, "status") !== "CONFIRMED") problems.push(`STATUS of a REQUEST is "${text(event, "status")}"`);
  if (text(event, "transp") !== "OPAQUE") problems.push("TRANSP of a REQUEST is not OPAQUE");
  for (const attendee of event.getAllProperties("attendee")) {
    const given = (name) => String(attendee.getParameter(name) ?? "").toUpperCase();
    if (given("cutype") !== "INDIVIDUAL") problems.push("ATTENDEE without CUTYPE=INDIVIDUAL");
    if (given("role") !== "REQ-PARTICIPANT") problems.push("ATTENDEE without ROLE=REQ-PARTICIPANT");
    const answer = `${given("partstat")};${given("rsvp")}`;
    const known = ["NEEDS-ACTION;TRUE", "ACCEPTED;FALSE", "ACCEPTED;TRUE", "TENTATIVE;TRUE", "DECLINED;TRUE"];
    if (!known.includes(answer)) {
      problems.push(`ATTENDEE with PARTSTAT and RSVP "${answer}"`);
    }
  }
  return problems;
}

function cancelProblems(event) {
  const problems = [];
  if (text(event, "status") !== "CANCELLED") problems.push(`STATUS of a CANCEL is "${text(event, "status")}"`);
  if (event.getAllSubcomponents("valarm").length) problems.push("a VALARM in a CANCEL");
  return problems;
}

function read(calendar) {
  const event = calendar.getFirstSubcomponent("vevent");
  if (!event) return { method: text(calendar, "method") };
  return {
    method: text(calendar, "method"),
    uid: text(event, "uid"),
    sequence: sequence(event),
    organizer: address(event.getFirstProperty("organizer")),
    attendees: event.getAllProperties("attendee").map(address),
    start: time(event, "dtstart"),
    end: time(event, "dtend"),
  };
}
