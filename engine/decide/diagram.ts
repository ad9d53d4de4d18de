/**
 * The chart of a process as a Mermaid state diagram: what the API answers as `diagram` and what the generated READMEs show.
 * Commands by their labels, deadlines with ⏱, effects with ✉ (messages) and ➜ (commands to other cases), plain branches by their guard in brackets.
 */
import type { LabelSet, Plugin } from '../../plugins/contract.ts';

const list = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const idOf = (path: string): string => path.replaceAll('.', '_').replaceAll('-', '_');
/** What Mermaid would read as its own punctuation. */
const plain = (label: string): string => label.replaceAll(':', ' –').replaceAll(';', ',').replaceAll(/[\n#{}<>]/g, ' ').replaceAll('"', '”');
const nameOf = (named: any): string => (typeof named === 'string' ? named : named.type);
const isWithin = (path: string, ancestor: string): boolean => path === ancestor || path.startsWith(`${ancestor}.`);

interface Edge { from: string; to: string; labels: string[] }

export function mermaidDiagram(plugin: Plugin, language: 'it' | 'en'): string {
  return new Diagram(plugin, plugin.labels[language]).text();
}

class Diagram {
  private readonly plugin: Plugin;
  private readonly labels: LabelSet;
  private readonly paths = new Map<string, string>();
  private readonly edges = new Map<string, Edge>();
  private readonly lines = ['stateDiagram-v2'];

  constructor(plugin: Plugin, labels: LabelSet) {
    this.plugin = plugin;
    this.labels = labels;
  }

  text(): string {
    const root = this.plugin.machine.config as any;
    this.collectIds(root, '');
    this.states(root, '', '  ');
    this.transitions(root, '');
    for (const { from, to, labels } of this.edges.values()) this.lines.push(`  ${from} --> ${to}${labels.length > 0 ? ` : ${labels.join('<br/>')}` : ''}`);
    return `${this.lines.join('\n')}\n`;
  }

  private collectIds(node: any, path: string): void {
    if (typeof node.id === 'string') this.paths.set(node.id, path);
    for (const [key, child] of Object.entries<any>(node.states ?? {})) this.collectIds(child, path === '' ? key : `${path}.${key}`);
  }

  private states(node: any, path: string, indent: string): void {
    const children = Object.entries<any>(node.states ?? {});
    const inner = path === '' ? indent : `${indent}  `;
    if (path !== '') {
      const label = [plain(this.labels.states[path] ?? path), ...this.entered(node)].join('<br/>');
      this.lines.push(`${indent}state "${label}" as ${idOf(path)}${children.length > 0 ? ' {' : ''}`);
    }
    if (typeof node.initial === 'string') this.lines.push(`${inner}[*] --> ${idOf(path === '' ? node.initial : `${path}.${node.initial}`)}`);
    for (const [index, [key, child]] of children.entries()) {
      // Regions of a parallel state stand side by side.
      if (node.type === 'parallel' && index > 0) this.lines.push(`${inner}--`);
      this.states(child, path === '' ? key : `${path}.${key}`, inner);
    }
    // The end of a nested state is its own, not the case's.
    for (const [key, child] of children) if (child.type === 'final') this.lines.push(`${inner}${idOf(path === '' ? key : `${path}.${key}`)} --> [*]`);
    if (path !== '' && children.length > 0) this.lines.push(`${indent}}`);
  }

  /** What entering the state sets off. */
  private entered(node: any): string[] {
    return [...this.effects(list(node.entry)), ...list<any>(node.invoke).map(invoke => this.effect(invoke.src))];
  }

  private effect(name: string): string {
    return `${this.plugin.effects[name]?.does === 'command' ? '➜' : '✉'} ${plain(this.labels.effects[name] ?? name)}`;
  }

  private effects(actions: any[]): string[] {
    return actions.map(nameOf).filter(name => Object.hasOwn(this.plugin.effects, name)).map(name => this.effect(name));
  }

  private transitions(node: any, path: string): void {
    for (const [event, definition] of Object.entries(node.on ?? {})) this.add(path, definition, plain(this.labels.commands[event] ?? event));
    for (const [deadline, definition] of Object.entries(node.after ?? {})) this.add(path, definition, `⏱ ${plain(this.labels.deadlines[deadline] ?? deadline)}`);
    this.add(path, node.always, '');
    this.add(path, node.onDone, '✓');
    for (const invoke of list<any>(node.invoke)) {
      this.add(path, invoke.onDone, `✓ ${this.effect(invoke.src)}`);
      this.add(path, invoke.onError, `✗ ${this.effect(invoke.src)}`);
    }
    for (const [key, child] of Object.entries<any>(node.states ?? {})) this.transitions(child, path === '' ? key : `${path}.${key}`);
  }

  private add(path: string, definition: unknown, label: string): void {
    const branches = list<any>(definition as any);
    for (const branch of branches) {
      const transition = typeof branch === 'string' ? { target: branch } : branch ?? {};
      // Rules explain themselves when they refuse; only a choice between branches needs its guard to be read.
      const guard = transition.guard !== undefined && (branches.length > 1 || label === '') ? ` [${nameOf(transition.guard)}]` : '';
      const told = [`${label}${guard}`.trim(), ...this.effects(list(transition.actions))].filter(Boolean).join(' ');
      const targets = list<string>(transition.target).map(raw => this.resolve(path, raw));
      for (const to of targets.length > 0 ? targets : [path]) this.edge(path, to, told);
    }
  }

  /** XState's target: `#id.path`, `.child`, or a sibling. */
  private resolve(path: string, raw: string): string {
    if (raw.startsWith('#')) {
      const [id, ...rest] = raw.slice(1).split('.');
      const base = this.paths.get(id!);
      return [...(base ? [base] : []), ...rest].join('.');
    }
    if (raw.startsWith('.')) return path === '' ? raw.slice(1) : `${path}${raw}`;
    return [...path.split('.').slice(0, -1), raw].join('.');
  }

  private edge(path: string, to: string, label: string): void {
    // Mermaid draws no line from a state to one around it, nor to the chart itself: the outer state is shown to begin anew.
    const from = isWithin(path, to) ? to : path;
    if (from === '') {
      for (const key of Object.keys((this.plugin.machine.config as any).states ?? {})) if (this.plugin.machine.config.states![key]!.type !== 'final') this.put(key, to === '' ? key : to, label);
    } else this.put(from, to, label);
  }

  private put(from: string, to: string, label: string): void {
    const edge = this.edges.get(`${from} ${to}`) ?? { from: idOf(from), to: idOf(to), labels: [] };
    if (label !== '' && !edge.labels.includes(label)) edge.labels.push(label);
    this.edges.set(`${from} ${to}`, edge);
  }
}
