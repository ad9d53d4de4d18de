/** What is written is read by somebody else's parser: times on both DST days, updates, cancellations, and the same bytes each time. */
import { describe, expect, it } from '@jest/globals';
import Writer from 'ical.js';
import ICAL from 'node-ical';
import type { CalendarEntry } from '../../plugins/contract.ts';
import { feedOf, invitationOf, type Appointment } from './icalendar.ts';

const CASE = '0b1c2d3e-4f50-8a61-9b72-8c93ad04be15';
const ENTRY: CalendarEntry = {
  from: '2026-11-24T15:00:00.000Z', to: '2026-11-24T15:10:00.000Z', status: 'confirmed', organizer: 'scuola', attendees: ['famiglia'],
  summary: { it: 'Colloquio con prof.ssa Verdi, matematica; aula 3', en: 'Interview' }, description: { it: 'Portare il libretto.\nGrazie', en: 'Bring the booklet.' }, place: 'Via Roma 1, Bari',
};
const appointment = (entry: Partial<CalendarEntry> = {}, sequence = 0): Appointment => ({
  caseId: CASE, sequence, changedAt: new Date('2026-11-20T09:30:00.000Z'), createdAt: new Date('2026-11-19T08:00:00.000Z'), organiser: 'I.C. "Massari"', entry: { ...ENTRY, ...entry },
});
const TO = { lang: 'it' as const, organizer: 'iter@scuola.example', attendee: 'anna@example.org' };
const FEED = { lang: 'it' as const, name: 'Colloqui' };

/** The calendar as another library reads it; and the zone that the file brings, asked for an instant by the library that wrote it. */
function read(content: string) {
  const parsed = ICAL.sync.parseICS(content) as Record<string, any>;
  const events: any[] = Object.values(parsed).filter(({ type }) => type === 'VEVENT'), zones: any[] = Object.values(parsed).filter(({ type }) => type === 'VTIMEZONE');
  return { calendar: parsed['vcalendar'], zones, events, first: events[0], name: parsed['vcalendar']['WR-CALNAME'] };
}
/** By the file's own rules alone, as a program without a table of zones works it out. */
function byOwnZone(content: string): { local: string; start: string } {
  const root = new Writer.Component(Writer.parse(content)), zone = new Writer.Timezone(root.getFirstSubcomponent('vtimezone')!);
  const time = root.getFirstSubcomponent('vevent')!.getFirstPropertyValue('dtstart') as Writer.Time;
  const start = Writer.Time.fromData({ year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute, second: time.second, isDate: false }, zone);
  return { local: time.toString(), start: new Date(start.toUnixTime() * 1_000).toISOString() };
}

describe('an invitation', () => {
  it('says who invites whom to what, in the language of the addressee', () => {
    const { content, method } = invitationOf(appointment(), TO);
    const { calendar, first } = read(content);
    expect([method, calendar.method, calendar.version]).toEqual(['REQUEST', 'REQUEST', '2.0']);
    expect(first).toMatchObject({ uid: CASE, sequence: 0, summary: ENTRY.summary.it, description: ENTRY.description!.it, location: ENTRY.place, status: 'CONFIRMED', transparency: 'OPAQUE' });
    expect(first.organizer).toEqual({ params: { CN: expect.stringContaining('Massari') }, val: 'mailto:iter@scuola.example' });
    expect(first.attendee).toEqual({ params: { RSVP: false, PARTSTAT: 'NEEDS-ACTION', ROLE: 'REQ-PARTICIPANT' }, val: 'mailto:anna@example.org' });
    expect(read(invitationOf(appointment(), { ...TO, lang: 'en' }).content).first.summary).toBe('Interview');
  });

  it('is updated and taken back under the same UID, with a higher SEQUENCE', () => {
    const moved = read(invitationOf(appointment({ from: '2026-11-25T15:00:00.000Z', to: '2026-11-25T15:10:00.000Z' }, 1), TO).content).first;
    const cancelled = invitationOf(appointment({ status: 'cancelled' }, 2), TO), { calendar, first } = read(cancelled.content);
    expect([moved.uid, moved.sequence, moved.start.toISOString()]).toEqual([CASE, 1, '2026-11-25T15:00:00.000Z']);
    expect([cancelled.method, calendar.method, first.uid, first.sequence, first.status, first.transparency]).toEqual(['CANCEL', 'CANCEL', CASE, 2, 'CANCELLED', 'TRANSPARENT']);
  });

  it('is the same to the last byte whenever it is made, and changes its stamps with its entry alone', () => {
    const { content } = invitationOf(appointment({ reminders: [60] }), TO);
    expect(invitationOf(appointment({ reminders: [60] }), TO).content).toBe(content);
    const { first } = read(content);
    expect([first.dtstamp, first.lastmodified, first.created].map((at: Date) => at.toISOString())).toEqual(['2026-11-20T09:30:00.000Z', '2026-11-20T09:30:00.000Z', '2026-11-19T08:00:00.000Z']);
    expect(content).toMatch(/\r\nDTSTAMP:20261120T093000Z\r\n/);
  });

  it('is folded to lines of 75 bytes, each with its end', () => {
    const { content } = invitationOf(appointment({ description: { it: 'àèìòù '.repeat(60), en: '' } }), TO);
    expect(content.split('\r\n').every(line => Buffer.byteLength(line) <= 75)).toBe(true);
    // No character is cut in two, of however many bytes it is.
    const text = `${'a'.repeat(7)}${'🙂è'.repeat(60)}; x, \\ y`, { content: folded } = invitationOf(appointment({ description: { it: text, en: '' } }), TO);
    expect(Buffer.from(folded).toString().split('\r\n').every(line => line.isWellFormed() && Buffer.byteLength(line) <= 75)).toBe(true);
    expect(read(folded).first.description).toBe(text);
    expect([content.endsWith('END:VCALENDAR\r\n'), /[^\r]\n/.test(content)]).toEqual([true, false]);
  });

  it('reminds so many minutes before, unless it is taken back', () => {
    const triggers = (entry: Partial<CalendarEntry>) => (read(invitationOf(appointment(entry), TO).content).first.alarms ?? []).map(({ trigger }: any) => trigger);
    expect(triggers({ reminders: [1_440, 30] })).toEqual(['-P1D', '-PT30M']);
    expect(triggers({ reminders: [30], status: 'cancelled' })).toEqual([]);
  });
});

describe('local time', () => {
  // Interviews at ten past eight in Rome around both days on which the clocks change, and beside the hour that is not there or comes twice.
  it.each([
    ['2026-10-24T06:10:00.000Z', '2026-10-24T08:10:00'], ['2026-10-25T07:10:00.000Z', '2026-10-25T08:10:00'], ['2026-10-26T07:10:00.000Z', '2026-10-26T08:10:00'],
    ['2027-03-27T07:10:00.000Z', '2027-03-27T08:10:00'], ['2027-03-28T06:10:00.000Z', '2027-03-28T08:10:00'], ['2027-03-29T06:10:00.000Z', '2027-03-29T08:10:00'],
    ['2027-03-28T00:30:00.000Z', '2027-03-28T01:30:00'], ['2027-03-28T01:30:00.000Z', '2027-03-28T03:30:00'], ['2026-10-25T02:30:00.000Z', '2026-10-25T03:30:00'],
  ])('of %s is %s in Europe/Rome, also by the rules that the file itself brings', (from, local) => {
    const to = new Date(Date.parse(from) + 600_000).toISOString();
    const content = feedOf([appointment({ from, to })], FEED), { zones, first } = read(content);
    expect(zones.map(({ tzid }) => tzid)).toEqual(['Europe/Rome']);
    expect([first.start.tz, first.start.toISOString(), first.end.toISOString()]).toEqual(['Europe/Rome', from, to]);
    expect(byOwnZone(content)).toEqual({ local, start: from });
  });

  it('of the hour that comes twice is the right one of both', () => {
    for (const from of ['2026-10-25T00:10:00.000Z', '2026-10-25T01:10:00.000Z']) {
      const { first } = read(feedOf([appointment({ from, to: new Date(Date.parse(from) + 3_600_000).toISOString() })], FEED));
      expect([first.start.toISOString(), first.end.toISOString()]).toEqual([from, new Date(Date.parse(from) + 3_600_000).toISOString()]);
    }
  });

  it('brings both rules of the zone', () => {
    const { zones: [zone] } = read(feedOf([appointment()], FEED));
    const rules = Object.values(zone).filter((part: any) => part?.type === 'DAYLIGHT' || part?.type === 'STANDARD').map(({ type, tzoffsetto, rrule }: any) => [type, tzoffsetto, rrule]);
    expect(rules).toEqual([['DAYLIGHT', '+0200', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU'], ['STANDARD', '+0100', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU']]);
  });
});

describe('a feed', () => {
  it('lists what is asked for and what was cancelled, and names no address', () => {
    const content = feedOf([appointment({ status: 'tentative' }), { ...appointment({ status: 'cancelled' }, 3), caseId: CASE.replace('0b', '0c') }], FEED);
    const { calendar, events, name } = read(content);
    expect([calendar.method, name]).toEqual([undefined, 'Colloqui']);
    expect(events.map(({ status }) => status)).toEqual(['TENTATIVE', 'CANCELLED']);
    expect(content).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n');
    expect(content).not.toMatch(/mailto|ATTENDEE|ORGANIZER/i);
  });

  it('may be empty', () => expect(read(feedOf([], FEED)).events).toEqual([]));
});
