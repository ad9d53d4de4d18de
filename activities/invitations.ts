/** Calendar entries in mails: whoever takes part gets the entry as the step left it that asked for the message. */
import { invitationOf } from '../engine/calendar/icalendar.ts';
import type { BegunEffect } from '../engine/agenda/agenda.ts';
import type { MessageInput } from '../plugins/contract.ts';
import type { ActivityDependencies } from './createActivities.ts';
import type { Addressee } from './documents/letters.ts';
import type { Mail } from './mailer.ts';

/** Adds its invitation to the mail of a party; the mails of those who do not take part stay as they are. */
export async function invitationsOf({ engine, mailer }: Pick<ActivityDependencies, 'engine' | 'mailer'>, effect: BegunEffect): Promise<(mail: Mail, addressee: Addressee) => Mail> {
  const { invitation } = effect.input as unknown as MessageInput;
  const appointment = invitation ? await engine.calendars.appointmentFor(effect.caseId, effect.id) : null;
  if (!appointment) return mail => mail;
  const toldLater = await engine.calendars.toldLater(effect.caseId, effect.id);
  return (mail, { party }) => {
    // Not every program leaves alone what is older than what it has: after a cancellation nothing may invite again.
    if (!appointment.entry.attendees.includes(party) || toldLater.has(party)) return mail;
    // Programs take an update or a cancellation only from the address that invited.
    return { ...mail, invitation: invitationOf(appointment, { lang: mail.lang === 'en' ? 'en' : 'it', organizer: mailer.addressOf(mail.sender), attendee: mail.to }) };
  };
}
