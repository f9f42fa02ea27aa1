// A dashboard as its JSON has it: what the rules and the live test look at.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface DataSource { type?: string; uid?: string }

export interface Target {
  refId: string;
  expr: string;
  legendFormat?: string;
  format?: string;
  instant?: boolean;
  datasource?: DataSource;
}

export interface Mapping { type: string; options: Record<string, { text?: string; color?: string }> }
export interface Step { value: number | null; color: string }
export interface Property { id: string; value?: unknown }

export interface FieldDefaults {
  unit?: string;
  decimals?: number;
  min?: number;
  max?: number;
  noValue?: string;
  mappings?: Mapping[];
  thresholds?: { mode: string; steps: Step[] };
  custom?: { stacking?: { mode?: string }; fillOpacity?: number; axisSoftMin?: number; cellOptions?: { type?: string } };
}

export interface Panel {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: DataSource;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: Target[];
  fieldConfig?: { defaults: FieldDefaults; overrides: { matcher: { id: string; options: string }; properties: Property[] }[] };
  options?: { textMode?: string; sortBy?: { displayName: string; desc?: boolean }[] };
  transformations?: { id: string; options: Record<string, unknown> }[];
}

export interface Variable {
  type: string;
  name: string;
  label?: string;
  query?: string | { query: string };
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  refresh?: number;
  datasource?: DataSource;
}

export interface Link { title: string; type: string; url?: string; tags?: string[]; includeVars?: boolean; keepTime?: boolean }

export interface Dashboard {
  uid: string;
  title: string;
  description?: string;
  tags?: string[];
  editable?: boolean;
  panels: Panel[];
  links?: Link[];
  templating: { list: Variable[] };
}

export const dashboardsIn = (folder: string): Dashboard[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Dashboard);

/** The panels that show something: rows are headings. */
export const shownPanels = (dashboard: Dashboard): Panel[] => dashboard.panels.filter((panel) => panel.type !== 'row');

export const queryOf = (variable: Variable): string =>
  typeof variable.query === 'string' ? variable.query : (variable.query?.query ?? '');
