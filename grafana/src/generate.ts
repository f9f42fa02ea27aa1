// generate.js FOLDER: writes the dashboards there, each as UID.json. The same sources give the same bytes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { doorsPage } from './doors.js';
import { estatePage } from './estate.js';
import { exporterPage } from './exporter.js';
import { identitiesPage } from './identities.js';
import { targetPage } from './target.js';

const pages = [estatePage, targetPage, doorsPage, identitiesPage, exporterPage];

/** What Grafana 10.0 writes: it reads what is as old as itself, and later ones bring it up to date as they load it. */
const schemaVersion = 38;

/** Panels are numbered as they stand, so that a link to one of them keeps its address. */
function numbered(dashboard: Dashboard): Dashboard {
  dashboard.panels?.forEach((panel, index) => (panel.id = index + 1));
  dashboard.schemaVersion = schemaVersion;
  return dashboard;
}

const folder = process.argv[2];
if (folder === undefined) {
  console.error('generate: which folder? For example: node build/generate.js dashboards');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
for (const page of pages) {
  const dashboard = numbered(page().build());
  writeFileSync(join(folder, `${dashboard.uid}.json`), `${JSON.stringify(dashboard, null, 2)}\n`);
}
