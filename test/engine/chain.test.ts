/**
 * The history must prove itself: any byte that was changed, moved or taken out is found, and at which entry. What the chain alone cannot find,
 * a last entry taken away, is said here, since it is why the heads are signed every day.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newCaseKey, openBytes, openJson, sealBytes, sealJson, unwrapCaseKey } from '../../engine/history/caseKey.ts';
import { canonicalBytes, digest, entryHash, GENESIS, openPayload, sealPayload, verifyChain, type ChainedEntry } from '../../engine/history/chain.ts';

const CASE = '00000000-0000-8000-8000-000000000001';
const { key } = newCaseKey(Buffer.alloc(32, 1), CASE);

interface Chain { entries: ChainedEntry[]; payloads: Map<number, Buffer> }

function chainOf(payloads: unknown[], vary: (seq: number) => Partial<ChainedEntry> = () => ({})): Chain {
  let previous: Buffer = GENESIS;
  const chain: Chain = { entries: [], payloads: new Map() };
  payloads.forEach((payload, index) => {
    const seq = index + 1, { sealed, payloadDigest } = sealPayload(key, CASE, payload);
    const metadata = {
      caseId: CASE, seq, version: seq, at: `2026-01-01T00:00:${String(index % 60).padStart(2, '0')}.000Z`, kind: 'command', name: 'passo', from: 'a', to: 'b', actor: { kind: 'user', id: 'u', role: 'r', organisation: 'S1' }, caller: 'u', key: `k${seq}`,
      bodyDigest: digest(`body ${seq}`).toString('hex'), payloadDigest: payloadDigest.toString('hex'), execution: seq % 2 ? null : { workflowId: 'w', runId: 'r', activityId: '1', attempt: 1 }, ...vary(seq),
    };
    previous = entryHash(previous, metadata);
    chain.entries.push({ ...metadata, hash: previous.toString('hex') });
    chain.payloads.set(seq, openPayload(key, CASE, sealed).salted);
  });
  return chain;
}
const copyOf = (chain: Chain): Chain => ({ entries: structuredClone(chain.entries), payloads: new Map([...chain.payloads].map(([seq, salted]) => [seq, Buffer.from(salted)])) });
const verify = ({ entries, payloads }: Chain) => verifyChain(entries, payloads);
const five = () => chainOf([{ a: 1 }, { b: 'due' }, null, [1, 2], { c: { d: 'è' } }]);

describe('verifyChain', () => {
  it('finds a whole chain whole, an empty one too', () => {
    const chain = five();
    expect(verify(chain)).toEqual({ valid: true, entries: 5, head: chain.entries[4]!.hash, firstBroken: null });
    expect(verifyChain([], new Map())).toEqual({ valid: true, entries: 0, head: GENESIS.toString('hex'), firstBroken: null });
  });
  const changes: [string, (entry: any) => void][] = [
    ['case', e => { e.caseId = CASE.replace('1', '2'); }], ['version', e => { e.version += 1; }], ['instant', e => { e.at = '2026-01-01T00:00:59.001Z'; }], ['kind', e => { e.kind = 'refused'; }], ['name', e => { e.name = 'Passo'; }], ['state before', e => { e.from = null; }],
    ['state after', e => { e.to = 'c'; }], ['actor', e => { e.actor.id = 'v'; }], ['role', e => { e.actor.role = 's'; }], ['organisation', e => { delete e.actor.organisation; }], ['caller', e => { e.caller = 'v'; }], ['key', e => { e.key = 'k'; }],
    ['body digest', e => { e.bodyDigest = digest('x').toString('hex'); }], ['payload digest', e => { e.payloadDigest = digest('x').toString('hex'); }], ['execution', e => { e.execution = { workflowId: 'x' }; }], ['hash', e => { e.hash = digest('x').toString('hex'); }],
  ];
  it.each(changes)('finds a changed %s, in the entry where it was changed', (_what, change) => {
    for (let index = 0; index < 5; index += 1) {
      const chain = copyOf(five());
      change(chain.entries[index]);
      expect(verify(chain)).toMatchObject({ valid: false, firstBroken: index + 1 });
    }
  });
  it('finds any flipped bit of a payload', () => {
    const chain = five(), salted = chain.payloads.get(2)!;
    for (let byte = 0; byte < salted.length; byte += 1) {
      const changed = copyOf(chain);
      changed.payloads.get(2)![byte]! ^= 1 << byte % 8;
      expect(verify(changed)).toMatchObject({ valid: false, firstBroken: 2, why: 'the payload is not the one recorded' });
    }
  });
  it('finds an entry taken out, put in, doubled or moved', () => {
    const chain = five();
    const edits: [(entries: ChainedEntry[]) => ChainedEntry[], number][] = [
      [e => e.toSpliced(0, 1), 1], [e => e.toSpliced(2, 1), 3], [e => [e[1]!, e[0]!, ...e.slice(2)], 1], [e => [...e.slice(0, 3), e[4]!, e[3]!], 4], [e => e.toSpliced(2, 0, e[1]!), 3],
      // Renumbered after the cut: the hashes do not follow.
      [e => e.toSpliced(1, 1).map((entry, i) => ({ ...entry, seq: i + 1 })), 2],
    ];
    for (const [edit, at] of edits) expect(verify({ ...chain, entries: edit(chain.entries) })).toMatchObject({ valid: false, firstBroken: at });
  });
  it('does not find a last entry taken away: only the signed heads do', () => {
    const chain = five();
    const cut = { ...chain, entries: chain.entries.slice(0, 4) };
    expect(verify(cut)).toMatchObject({ valid: true, entries: 4 });
    expect(verify(cut).head).not.toBe(verify(chain).head);
  });
  it('nor a chain made anew to its end by who knows how: only the signed heads do', () => {
    const forged = chainOf([{ a: 2 }, { b: 'tre' }]);
    expect(verify(forged).valid).toBe(true);
    expect(verify(forged).head).not.toBe(verify(five()).head);
  });
  it('goes on verifying when payloads were erased', () => {
    const chain = five();
    chain.payloads.delete(3);
    expect(verify(chain)).toMatchObject({ valid: true, entries: 5 });
  });

  const json = fc.jsonValue().filter(value => JSON.stringify(value).isWellFormed());
  it('holds for random entries, and for no random change of one', () => {
    fc.assert(fc.property(fc.array(json, { minLength: 1, maxLength: 12 }), fc.nat(), fc.constantFrom(...changes), (payloads, at, [, change]) => {
      const chain = chainOf(payloads);
      if (!verify(chain).valid) return false;
      const index = at % payloads.length, before = JSON.stringify(chain.entries[index]);
      change(chain.entries[index]);
      const { valid, firstBroken } = verify(chain);
      return JSON.stringify(chain.entries[index]) === before ? valid : !valid && firstBroken === index + 1;
    }), { numRuns: 200 });
  });
  it('gives the same hash for the same metadata in any order of its fields', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), json, { maxKeys: 6 }), execution => {
      const entry = five().entries[0]!;
      const shuffled = Object.fromEntries(Object.entries(execution).reverse());
      return entryHash(GENESIS, { ...entry, execution }).equals(entryHash(GENESIS, { ...entry, execution: shuffled }));
    }), { numRuns: 100 });
  });
  it('canonical bytes do not depend on order, and say what they were made of', () => {
    expect(canonicalBytes({ b: 1, a: [null, true, 'è', 1e21, 0.1] }).toString()).toBe('{"a":[null,true,"è",1e+21,0.1],"b":1}');
    fc.assert(fc.property(json, value => { expect(JSON.parse(canonicalBytes(value).toString())).toEqual(JSON.parse(JSON.stringify(value))); }), { numRuns: 100 });
  });
});

describe('the case’s key', () => {
  const master = Buffer.alloc(32, 3);
  it('opens what it sealed, and nothing that was changed, moved or sealed by another', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, at) => {
      const plain = Buffer.from(bytes), sealed = sealBytes(key, plain, 'qui');
      expect(openBytes(key, sealed, 'qui').equals(plain)).toBe(true);
      const changed = Buffer.from(sealed);
      changed[at % changed.length]! ^= 1;
      expect(() => openBytes(key, changed, 'qui')).toThrow();
      expect(() => openBytes(key, sealed, 'altrove')).toThrow();
      expect(() => openBytes(newCaseKey(master, CASE).key, sealed, 'qui')).toThrow();
    }), { numRuns: 50 });
  });
  it('is bound to its case by the master key', () => {
    const made = newCaseKey(master, CASE);
    expect(unwrapCaseKey(master, made.wrapped, CASE).equals(made.key)).toBe(true);
    expect(() => unwrapCaseKey(master, made.wrapped, CASE.replace('1', '2'))).toThrow();
    expect(() => unwrapCaseKey(Buffer.alloc(32, 4), made.wrapped, CASE)).toThrow();
  });
  it('seals the same twice as two different things', () => {
    expect(sealJson(key, { a: 1 }, 'x').equals(sealJson(key, { a: 1 }, 'x'))).toBe(false);
    expect(openJson(key, sealJson(key, { a: [1, 'è'] }, 'x'), 'x')).toEqual({ a: [1, 'è'] });
  });
});
