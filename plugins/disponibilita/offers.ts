/** What a reception publishes, and the slots that follow from it. */
import { addMinutes } from '../calendar.ts';
import type { Offering, OffersDefinition, Slot } from '../contract.ts';
import { colloqui } from './process/commands.ts';
import { posti, type Chiusure } from './process/slots.ts';
import type { Contesto } from './process/types.ts';
import { isRiservato } from './process/waitingList.ts';

/** Of the memory only what slots and bookings depend on: for the list ids and dates, nobody's name. */
type Pubblicata = Pick<Contesto, 'regola' | 'condizioni' | 'variazioni' | 'attesa'>;

const published = ({ offer }: Offering): Pubblicata => offer;

export const offers: OffersDefinition<Contesto> = {
  in: ['aperta'],
  scope: colloqui,
  /** A person, not a teacher: who receives parents may be one, and is in one place. */
  resource: ({ parties }) => `persona/${parties.docente}`,
  offer: ({ context: { regola, condizioni, variazioni, attesa } }) => ({ regola, condizioni, variazioni, attesa }) as any,
  slots: (offering, range) => {
    const { regola, variazioni, attesa } = published(offering);
    return posti({ regola, variazioni }, offering.parameter<Chiusure>('chiusureScuola'), range).map((posto): Slot => ({
      from: posto.inizio, to: posto.fine, detail: { modalita: posto.modalita, luogo: posto.luogo, riservato: isRiservato(attesa, posto) },
    }));
  },
  terms: offering => {
    const { regola: { dal, al, durataMinuti, modalita, luogo }, condizioni, attesa } = published(offering);
    return { dal, al, durataMinuti, modalita, luogo, ...condizioni, inAttesa: attesa.length } as any;
  },
  // Those known to wait: a booking asks whether there are others that the list has not heard of yet.
  secret: offering => ({ collegamento: published(offering).regola.collegamento, iscritti: published(offering).attesa.map(({ colloquio }) => colloquio) }),
  bookable: (offering, at) => {
    const { apre, chiude, preavvisoOre } = published(offering).condizioni, primo = addMinutes(at, preavvisoOre * 60);
    const isOpen = (apre === null || apre <= at) && (chiude === null || at < chiude);
    return ({ from, detail }) => isOpen && primo <= from && detail.riservato !== true;
  },
};
