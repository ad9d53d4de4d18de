/** The chart of a process as a Mermaid state diagram. Pure: the generated READMEs show the same one. */
import type { Plugin } from '../plugins/contract.ts';
import type { Language } from './language.ts';

const list = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const idOf = (path: string) => path.replaceAll('.', '_');
/** What Mermaid would read as its own punctuation. */
const text = (label: string) => label.replaceAll(':', ' –').replaceAll(';', ',').replaceAll('\n', ' ').replaceAll('"', '”');

interface Edge { from: string; to: string; label: string }

export function mermaidDiagram(plugin: Plugin, language: Language): string {
  const labels = plugin.labels[language];
  const edges: Edge[] = [], lines = ['stateDiagram-v2'];
  const byId = new Map<string, string>();
  const root: any = plugin.machine.config;
  collectIds(root, '', byId);

  const target = (from: string, raw: string): string => {
    if (raw.startsWith('#')) {
      const [id, ...rest] = raw.slice(1).split('.');
      const base = byId.get(id!);
      return [...(base ? [base] : []), ...rest].join('.');
    }
    if (raw.startsWith('.')) return `${from}${raw}`;
    const parent = from.split('.').slice(0, -1);
    return [...parent, raw].join('.');
  };
  const add = (from: string, definition: unknown, label: string) => {
    for (const transition of list(definition as any)) {
      const targets = list(typeof transition === 'string' ? transition : transition?.target);
      const guard = typeof transition === 'object' && transition?.guard ? ` [${typeof transition.guard === 'string' ? transition.guard : transition.guard.type}]` : '';
      for (const to of targets.length > 0 ? targets.map((raw: string) => target(from, raw)) : [from]) edges.push({ from, to, label: `${label}${guard}` });
    }
  };
  const walk = (node: any, path: string, indent: string) => {
    const children = Object.entries<any>(node.states ?? {});
    if (path !== '') {
      const label = text(labels.states[path] ?? path);
      if (children.length === 0) lines.push(`${indent}state "${label}" as ${idOf(path)}`);
      else lines.push(`${indent}state "${label}" as ${idOf(path)} {`);
    }
    const inner = path !== '' && children.length > 0 ? `${indent}  ` : indent;
    if (typeof node.initial === 'string') lines.push(`${inner}[*] --> ${idOf(path === '' ? node.initial : `${path}.${node.initial}`)}`);
    for (const [index, [key, child]] of children.entries()) {
      if (node.type === 'parallel' && index > 0) lines.push(`${inner}--`);
      walk(child, path === '' ? key : `${path}.${key}`, inner);
    }
    if (path !== '' && children.length > 0) lines.push(`${indent}}`);
    if (path === '') return;
    for (const [event, definition] of Object.entries(node.on ?? {})) add(path, definition, text(labels.commands[event] ?? event));
    for (const [deadline, definition] of Object.entries(node.after ?? {})) add(path, definition, `⏱ ${text(labels.deadlines[deadline] ?? deadline)}`);
    add(path, node.always, '');
    add(path, node.onDone, '✓');
    for (const invoke of list<any>(node.invoke)) {
      const effect = text(labels.effects[invoke.src] ?? invoke.src);
      add(path, invoke.onDone, `✓ ${effect}`);
      add(path, invoke.onError, `✗ ${effect}`);
    }
    if (node.type === 'final') edges.push({ from: path, to: '', label: '' });
  };
  walk(root, '', '  ');
  const together = new Map<string, { from: string; to: string; labels: string[] }>();
  for (const { from, to, label } of edges) {
    const edge = together.get(`${from} ${to}`) ?? { from, to, labels: [] };
    if (label !== '' && !edge.labels.includes(label)) edge.labels.push(label);
    together.set(`${from} ${to}`, edge);
  }
  for (const { from, to, labels: told } of together.values()) lines.push(`  ${idOf(from)} --> ${to === '' ? '[*]' : idOf(to)}${told.length > 0 ? ` : ${told.join(' / ')}` : ''}`);
  return `${lines.join('\n')}\n`;
}

function collectIds(node: any, path: string, byId: Map<string, string>): void {
  if (typeof node.id === 'string') byId.set(node.id, path);
  for (const [key, child] of Object.entries<any>(node.states ?? {})) collectIds(child, path === '' ? key : `${path}.${key}`, byId);
}
