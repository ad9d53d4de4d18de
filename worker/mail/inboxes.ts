/** The mailboxes of an installation: its own account's, and those of the organisations that have one. */
import { INSTALLATION } from '../../engine/mail/post.ts';
import type { Config } from '../config.ts';
import { inboxFolder } from '../embedded/mailProvider.ts';
import type { Services } from '../services.ts';
import { folderInbox } from './folderInbox.ts';
import { imapInbox } from './imapInbox.ts';
import type { Inbox } from './inbox.ts';

export function inboxesOf({ mail }: Pick<Config, 'mail'>, { mailFolder }: Pick<Services, 'mailFolder'>): Inbox[] {
  const own = mail.imapUrl ? [imapInbox(INSTALLATION, mail.imapUrl)] : mailFolder === undefined ? [] : [folderInbox(INSTALLATION, inboxFolder(mailFolder))];
  return [...own, ...Object.entries(mail.accounts).map(([organisation, { imapUrl }]) => imapInbox(organisation, imapUrl))];
}
