/**
 * iCalendar (RFC 5545, 5546) of appointments: the same entry gives the same bytes, whenever it is asked for. UID is the case's id alone (RFC 7986,
 * 5.3: no host, no person), so that no change of name or address of the installation ever doubles an appointment.
 */
import { Temporal } from '@js-temporal/polyfill';
import ICAL from 'ical.js';
import { tzlib_get_ical_block } from 'timezones-ical-library';
import type { CalendarEntry } from '../../plugins/contract.ts';

const ROME = 'Europe/Rome';
const PRODUCT = '-//Iter//Iter//IT';
/** Grows when the same entry is written otherwise: what programs keep is compared by it. */
export const FORMAT = 1;
/** How often a program should ask for a feed again. */
const REFRESH = 'PT1H';
// The library does not count the space with which a folded line goes on: lines have at most 75 bytes with it (RFC 5545, 3.1).
ICAL.foldLength = 74;

/** One version of a case's entry. */
export interface Appointment {
  caseId: string;
  sequence: number;
  /** When it became so: DTSTAMP and LAST-MODIFIED. */
  changedAt: Date;
  createdAt: Date;
  /** Name of the organisation that invites. */
  organiser: string;
  entry: CalendarEntry;
}

type Parameters = Record<string, string>;

/** `type`: of a property that the library knows only by its name. */
function add(component: ICAL.Component, name: string, value: unknown, parameters: Parameters = {}, type?: string): void {
  const property = new ICAL.Property(name, component);
  for (const [parameter, text] of Object.entries(parameters)) property.setParameter(parameter, text);
  if (type) property.resetType(type);
  property.setValue(value as string);
  component.addProperty(property);
}

const utc = (at: Date) => ICAL.Time.fromDateTimeString(`${at.toISOString().slice(0, 19)}Z`);
/** The wall clock in Rome, the zone beside it. Of an hour that comes twice programs do not agree which one is meant: it is written in UTC. */
function addTime(component: ICAL.Component, name: string, instant: string): void {
  const wall = Temporal.Instant.from(instant).toZonedDateTimeISO(ROME).toPlainDateTime();
  const [first, last] = (['earlier', 'later'] as const).map(disambiguation => wall.toZonedDateTime(ROME, { disambiguation }).epochMilliseconds);
  if (first === last) add(component, name, ICAL.Time.fromDateTimeString(wall.toString({ smallestUnit: 'second' })), { tzid: ROME });
  else add(component, name, utc(new Date(instant)));
}

/** The zone with both of its rules, so that every reader knows them without a table of its own. */
function zone(): ICAL.Component {
  const [block] = tzlib_get_ical_block(ROME);
  const component = new ICAL.Component(ICAL.parse(block!));
  // The day on which the table was made says nothing of the zone, and would change what is the same.
  component.removeProperty('last-modified');
  return component;
}

/** `method`: of a message (iTIP); a feed is none. */
function calendar(method?: 'REQUEST' | 'CANCEL'): ICAL.Component {
  const component = new ICAL.Component('vcalendar');
  for (const [name, value] of Object.entries({ version: '2.0', prodid: PRODUCT, calscale: 'GREGORIAN', ...(method ? { method } : {}) })) add(component, name, value);
  component.addSubcomponent(zone());
  return component;
}

function event({ caseId, sequence, changedAt, createdAt, entry }: Appointment, lang: 'it' | 'en'): ICAL.Component {
  const component = new ICAL.Component('vevent'), cancelled = entry.status === 'cancelled';
  add(component, 'uid', caseId);
  add(component, 'sequence', sequence);
  add(component, 'dtstamp', utc(changedAt));
  add(component, 'created', utc(createdAt));
  add(component, 'last-modified', utc(changedAt));
  addTime(component, 'dtstart', entry.from);
  addTime(component, 'dtend', entry.to);
  add(component, 'summary', entry.summary[lang]);
  if (entry.description) add(component, 'description', entry.description[lang]);
  if (entry.place) add(component, 'location', entry.place);
  if (entry.url) add(component, 'url', entry.url);
  add(component, 'status', entry.status.toUpperCase());
  add(component, 'transp', cancelled ? 'TRANSPARENT' : 'OPAQUE');
  for (const minutes of cancelled ? [] : entry.reminders ?? []) {
    const alarm = new ICAL.Component('valarm');
    add(alarm, 'action', 'DISPLAY');
    add(alarm, 'trigger', ICAL.Duration.fromSeconds(-minutes * 60));
    add(alarm, 'description', entry.summary[lang]);
    component.addSubcomponent(alarm);
  }
  return component;
}

const bytes = (component: ICAL.Component) => `${component.toString()}\r\n`;

/** For one addressee's mail. Others who take part are not named: an address is its owner's. `organizer`: from whose address the mail leaves. */
export function invitationOf(appointment: Appointment, { lang, organizer, attendee }: { lang: 'it' | 'en'; organizer: string; attendee: string }): { method: 'REQUEST' | 'CANCEL'; content: string } {
  const method = appointment.entry.status === 'cancelled' ? 'CANCEL' : 'REQUEST';
  const component = calendar(method), invited = event(appointment, lang);
  add(invited, 'organizer', `mailto:${organizer}`, { cn: appointment.organiser.replaceAll('"', "'") });
  // Nobody reads answers: what is booked is changed in the case.
  add(invited, 'attendee', `mailto:${attendee}`, { role: 'REQ-PARTICIPANT', partstat: 'NEEDS-ACTION', rsvp: 'FALSE' });
  component.addSubcomponent(invited);
  return { method, content: bytes(component) };
}

/** A feed. It has no ORGANIZER and no ATTENDEE: it is the reader's own. */
export function feedOf(appointments: Appointment[], { lang, name }: { lang: 'it' | 'en'; name: string }): string {
  const component = calendar();
  add(component, 'name', name, {}, 'text');
  add(component, 'x-wr-calname', name);
  add(component, 'refresh-interval', ICAL.Duration.fromString(REFRESH), {}, 'duration');
  add(component, 'x-published-ttl', ICAL.Duration.fromString(REFRESH), {}, 'duration');
  for (const appointment of appointments) component.addSubcomponent(event(appointment, lang));
  return bytes(component);
}
