/** What is written to the parties. */
import type { MessageContext, MessageTemplate } from '../contract.ts';

const template = (topic: string, it: (data: any) => string, topicEn: string, en: (data: any) => string): { it: MessageTemplate; en: MessageTemplate } => ({
  it: ({ data }: MessageContext) => ({ subject: `Certificato di ${data.tipo} - ${topic}`, text: it(data) }),
  en: ({ data }: MessageContext) => ({ subject: `Certificato di ${data.tipo} - ${topicEn}`, text: en(data) }),
});

export const messages: Record<string, { it: MessageTemplate; en: MessageTemplate }> = {
  rilascio: template('rilasciato', ({ numero }) => `Il certificato è stato rilasciato con il numero ${numero}.`, 'issued', ({ numero }) => `The certificate was issued with number ${numero}.`),
  rifiuto: template('respinto', () => 'La richiesta è stata respinta. Il motivo è nella pratica.', 'refused', () => 'The request was refused. The reason is in the case.'),
  ritardo: template('termine scaduto', () => 'Il termine di trenta giorni è scaduto.', 'overdue', () => 'The term of thirty days is over.'),
};
