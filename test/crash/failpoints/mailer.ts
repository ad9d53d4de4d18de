/** activities/mailer.ts that may die when a mail was taken over by the server and nobody has noted it yet. */
import { createMailer as create, type Mailer, type MailerOptions } from '../../../activities/mailer.ts';
import { reach } from './failpoint.ts';

export * from '../../../activities/mailer.ts';

export function createMailer(options: MailerOptions): Mailer {
  const mailer = create(options);
  return {
    ...mailer,
    send: async mail => {
      const sent = await mailer.send(mail);
      reach('mailed');
      return sent;
    },
  };
}
