// Applies iTIP messages to mailboxes the way RFC 5546 §2.1.5 says, and reports everything a careful client would
// stumble over.
//
// In:  [{"recipient", "ics": [base64 of each text/calendar part], "method": method parameter of the MIME part}],
//      in the order of arrival.
// Out: {"calendars": {recipient: [event]}, "anomalies": [...], "steps": [...]}.
//
// It is a strict judge: where clients differ, it does what makes a sender's mistake visible. A CANCEL for something
// that is not there leaves nothing behind, so an older REQUEST that arrives after it does come to life.

import { address, readCalendars, readInput, sequence, sequencesAreWhole, text, time } from "./itip.mjs";

const mailboxes = new Map();
const anomalies = [];
const steps = [];

const messages = await readInput();
messages.forEach(receive);
process.stdout.write(JSON.stringify({ calendars: calendars(), anomalies, steps }));

function receive(message, index) {
  const recipient = message.recipient.trim().toLowerCase();
  const arrival = { index, recipient, uid: "" };
  if (!mailboxes.has(recipient)) mailboxes.set(recipient, new Map());
  if (message.ics.length > 1) report(arrival, "two_calendar_parts", `${message.ics.length} text/calendar parts`);
  const outcome = deliver(message, arrival, mailboxes.get(recipient));
  steps.push({ ...arrival, outcome });
}

/** Reads the first calendar part and applies it; answers what became of it. */
function deliver(message, arrival, mailbox) {
  const calendar = open(message.ics[0], arrival);
  if (!calendar) return "refused";
  const method = text(calendar, "method").toUpperCase();
  if (!methodIsGood(method, message.method, arrival)) return "refused";
  const incoming = soleEvent(calendar, arrival);
  if (!incoming) return "refused";
  arrival.uid = incoming.uid;
  look(incoming, arrival);
  return method === "CANCEL" ? cancel(incoming, arrival, mailbox) : request(incoming, arrival, mailbox);
}

function open(base64, arrival) {
  const octets = Buffer.from(base64 ?? "", "base64");
  try {
    if (!sequencesAreWhole(octets)) return report(arrival, "sequence_bad", "SEQUENCE is no whole number") || null;
    const found = readCalendars(octets);
    if (found.length === 1 && found[0].name === "vcalendar") return found[0];
    report(arrival, "not_one_calendar", `${found.length} top components`);
  } catch (error) {
    report(arrival, "unreadable", String(error.message));
  }
  return null;
}

/** METHOD must be REQUEST or CANCEL and the same in the body and in the MIME header (RFC 6047 §2.4). */
function methodIsGood(method, outer, arrival) {
  if (!method) return report(arrival, "method_missing", "no METHOD in the body");
  if (!outer) return report(arrival, "method_mismatch", `body ${method}, MIME header none`);
  if (outer.toUpperCase() !== method) return report(arrival, "method_mismatch", `body ${method}, MIME ${outer}`);
  if (method !== "REQUEST" && method !== "CANCEL") return report(arrival, "method_unsupported", method);
  return true;
}

function soleEvent(calendar, arrival) {
  const found = calendar.getAllSubcomponents("vevent");
  if (found.length !== 1) return report(arrival, "not_one_event", `${found.length} VEVENTs`) || null;
  const event = snapshot(found[0]);
  if (!event.uid) return report(arrival, "uid_missing", "no UID") || null;
  if (!event.dtstamp.endsWith("Z")) return report(arrival, "dtstamp_bad", event.dtstamp || "no DTSTAMP") || null;
  return event;
}

/** What a calendar keeps of an event. */
function snapshot(event) {
  return {
    uid: text(event, "uid"),
    recurrence_id: time(event, "recurrence-id"),
    sequence: sequence(event),
    dtstamp: time(event, "dtstamp"),
    status: text(event, "status").toUpperCase(),
    start: time(event, "dtstart"),
    end: time(event, "dtend"),
    summary: text(event, "summary"),
    description: text(event, "description"),
    location: text(event, "location"),
    url: text(event, "url"),
    organizer: address(event.getFirstProperty("organizer")),
    attendees: event.getAllProperties("attendee").map(address).sort(),
  };
}

/** Things that are wrong whatever stands in the calendar. The message is applied all the same. */
function look(incoming, arrival) {
  for (const name of ["start", "end"]) {
    if (!incoming[name].endsWith("Z")) report(arrival, "not_an_instant", `${name} is "${incoming[name]}"`);
  }
  if (!incoming.organizer) report(arrival, "organizer_missing", "no ORGANIZER with a mail address");
  if (incoming.organizer === arrival.recipient) report(arrival, "recipient_is_organizer", incoming.organizer);
  if (!incoming.attendees.includes(arrival.recipient)) {
    report(arrival, "recipient_not_invited", `ATTENDEEs: ${incoming.attendees.join(", ") || "none"}`);
  }
}

function request(incoming, arrival, mailbox) {
  if (incoming.status === "CANCELLED") {
    report(arrival, "cancelled_by_request", "a REQUEST with STATUS:CANCELLED leaves the event standing");
    return "refused";
  }
  const standing = mailbox.get(key(incoming));
  if (!standing) return keep(incoming, mailbox, "created");
  const verdict = compare(incoming, standing, arrival);
  if (verdict !== "newer") return verdict;
  const isMoved = incoming.start !== standing.start || incoming.end !== standing.end;
  if (isMoved && incoming.sequence === standing.sequence) {
    report(arrival, "moved_without_rise", `${standing.start} to ${incoming.start} at SEQUENCE ${incoming.sequence}`);
  }
  return keep(incoming, mailbox, standing.status === "CANCELLED" ? "revived" : "updated");
}

/** Marks the event cancelled, keeping what it said; without RECURRENCE-ID all its occurrences too (§3.2.5). */
function cancel(incoming, arrival, mailbox) {
  if (incoming.status !== "CANCELLED") report(arrival, "cancel_without_status", `STATUS is "${incoming.status}"`);
  const standing = mailbox.get(key(incoming));
  if (!standing) {
    report(arrival, "cancel_unknown", "a CANCEL for something that never came");
    return "ignored";
  }
  const verdict = compare(incoming, standing, arrival);
  if (verdict !== "newer") return verdict;
  if (incoming.sequence === standing.sequence) {
    report(arrival, "cancel_without_rise", `SEQUENCE ${incoming.sequence} is that of the event`);
  }
  for (const [place, event] of mailbox) {
    const isMeant = place === key(incoming) || (!incoming.recurrence_id && event.uid === incoming.uid);
    if (isMeant) mailbox.set(place, { ...event, ...revision(incoming), status: "CANCELLED", content: incoming });
  }
  return "cancelled";
}

/**
 * "newer", or why the message changes nothing. UID and RECURRENCE-ID are the key; SEQUENCE decides, then DTSTAMP
 * (RFC 5546 §2.1.5, rules 1, 2 and 4).
 */
function compare(incoming, standing, arrival) {
  if (incoming.organizer !== standing.organizer) {
    report(arrival, "organizer_changed", `${standing.organizer} to ${incoming.organizer}`);
    return "refused";
  }
  const stands = `SEQUENCE ${standing.sequence} ${standing.dtstamp} stands`;
  const came = `SEQUENCE ${incoming.sequence} ${incoming.dtstamp} came`;
  const older = incoming.sequence - standing.sequence || Date.parse(incoming.dtstamp) - Date.parse(standing.dtstamp);
  if (older < 0) {
    report(arrival, "older_than_what_stands", `${stands}, ${came}`);
    return "ignored";
  }
  if (older === 0) {
    if (isSame(incoming, standing.content)) return "repeated";
    report(arrival, "same_revision_other_content", came);
    return "ignored";
  }
  if (Date.parse(incoming.dtstamp) <= Date.parse(standing.dtstamp)) {
    report(arrival, "dtstamp_did_not_rise", `${stands}, ${came}`);
  }
  return "newer";
}

function keep(incoming, mailbox, outcome) {
  mailbox.set(key(incoming), { ...incoming, content: incoming });
  return outcome;
}

function key(event) {
  return `${event.uid}\n${event.recurrence_id}`;
}

function revision(event) {
  return { sequence: event.sequence, dtstamp: event.dtstamp };
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function report(arrival, code, detail) {
  anomalies.push({ ...arrival, code, detail });
  return false;
}

function calendars() {
  const tidy = ({ content, ...event }) => event;
  return Object.fromEntries([...mailboxes].map(([recipient, box]) => [recipient, [...box.values()].map(tidy)]));
}
