/** The processes of this installation, as a form or another program needs to know them. */
import type { Router } from 'express';
import { mermaidDiagram } from '../engine/decide/diagram.ts';
import type { Plugin } from '../plugins/contract.ts';
import { chartNames } from '../plugins/definePlugin.ts';
import { askingOf, type ApiContext } from './context.ts';
import type { Language } from './language.ts';
import { sendJson } from './sendJson.ts';

export function processRoutes(api: ApiContext, router: Router): void {
  router.get('/processes', (req, res) => {
    const { caller, language } = askingOf(api, req, res);
    sendJson(res, 200, {
      items: api.processes.all().map(({ plugin }) => ({
        process: plugin.process, version: plugin.version, label: plugin.labels[language].process,
        // Whether this profile's role may begin one.
        mayCreate: plugin.create.by.includes(caller.role), href: `/api/v1/processes/${plugin.process}`,
      })).sort((a, b) => a.process.localeCompare(b.process)),
      next: null,
    });
  });

  router.get('/processes/:process', (req, res) => {
    const { language } = askingOf(api, req, res);
    sendJson(res, 200, presentProcess(api.processes.current(req.params.process).plugin, language));
  });
}

function presentProcess(plugin: Plugin, language: Language) {
  const labels = plugin.labels[language];
  const partyOf = (roles: string[]) => roles.map(role => ({ role, label: labels.roles[role] ?? role, party: plugin.roles[role] ?? null }));
  return {
    process: plugin.process, version: plugin.version, label: labels.process,
    parties: Object.entries(plugin.parties).map(([name, party]) => ({ name, label: labels.parties[name] ?? name, ...party })),
    roles: Object.entries(plugin.roles).map(([name, party]) => ({ name, label: labels.roles[name] ?? name, party })),
    states: chartNames(plugin.machine).states.map(name => ({
      name, label: labels.states[name] ?? labels.states[name.split('.').at(-1)!] ?? name, draft: plugin.drafts.includes(name), final: isFinal(plugin, name),
    })),
    create: { schema: plugin.create.schema, roles: partyOf(plugin.create.by) },
    commands: Object.entries(plugin.commands).filter(([, { hidden }]) => !hidden).map(([name, command]) => ({
      name, label: labels.commands[name] ?? name, schema: command.schema, roles: partyOf(command.by), from: command.from ?? [], attachments: command.attachments ?? [], mayAttach: command.mayAttach ?? [], forms: command.forms ?? {},
    })),
    documents: Object.entries(plugin.attachments ?? {}).map(([kind, { by }]) => ({ kind, label: labels.attachments[kind] ?? kind, roles: partyOf(by) })),
    // What the engine makes of a case, what waits for whom, what is filled in, what other software takes.
    made: Object.entries(plugin.documents ?? {}).map(([name, { readBy }]) => ({ name, label: labels.documents?.[name] ?? name, roles: partyOf(readBy) })),
    tasks: Object.entries(plugin.tasks ?? {}).map(([name, { by, in: states, command, deadline }]) => ({ name, label: labels.tasks?.[name] ?? name, roles: partyOf(by), states, command: command ?? null, deadline: deadline ?? null })),
    forms: Object.entries(plugin.forms ?? {}).map(([name, { by, editableBy }]) => ({ name, label: labels.forms?.[name] ?? name, roles: partyOf(by), editableBy: editableBy ?? null, href: `/api/v1/processes/${plugin.process}/forms/${name}` })),
    exports: Object.entries(plugin.exports ?? {}).map(([name, { by, format }]) => ({ name, label: labels.exports?.[name] ?? name, roles: partyOf(by), format })),
    deadlines: Object.keys(plugin.deadlines).map(name => ({ name, label: labels.deadlines[name] ?? name })),
    effects: Object.entries(plugin.effects).map(([name, { does }]) => ({ name, label: labels.effects[name] ?? name, does })),
    parameters: plugin.parameters ?? [],
    fields: { visibility: plugin.projection.visibility, protected: plugin.projection.protected },
    labels,
    diagram: mermaidDiagram(plugin, language),
  };
}

function isFinal(plugin: Plugin, path: string): boolean {
  let node: any = plugin.machine.config;
  for (const key of path.split('.')) node = node?.states?.[key];
  return node?.type === 'final';
}
