/** Which of a case's items a command is shown. */
import type { CommandDefinition, Item, Json } from '../../plugins/contract.ts';

/** Whether only the commit can decide: it needs facts of other rows. */
export const needsFacts = ({ items, members, joins, sees, looks, pupils, attachments, mayAttach, number }: CommandDefinition): boolean =>
  [items, members, joins, sees, looks, pupils, attachments, mayAttach, number].some(need => need !== undefined);

type Reads = Pick<CommandDefinition, 'items' | 'item'>;

/** The one item that a command names in its payload; null when it names none. */
export function namedItem({ item }: Reads, data: Json): { kind: string; key: string } | null {
  const key = item && data !== null && typeof data === 'object' && !Array.isArray(data) ? data[item.key] : undefined;
  return item && typeof key === 'string' ? { kind: item.kind, key } : null;
}

/** The items shown, of all that the case has. */
export function itemsShown<I extends Pick<Item, 'kind' | 'key'>>(definition: Reads, data: Json, items: Iterable<I>): I[] {
  const named = namedItem(definition, data);
  return [...items].filter(({ kind, key }) => definition.items?.includes(kind) || (named !== null && named.kind === kind && named.key === key));
}
