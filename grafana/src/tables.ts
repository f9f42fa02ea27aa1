// The tables that the dashboards are made of, and the columns that many of them have: a severity, a target that a click
// opens, a judgement in its word. As with the other panels, the rest is Grafana's builder.

import {
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';

import { toIdentity, toRunbook, toTarget } from './links.js';
import * as looks from './looks.js';
import { all, datasource, rows } from './queries.js';

const { shown } = looks;

/** A column of a table, and how it is shown where that differs from the others. */
type Headed = { head: string; shown?: DynamicConfigValue[] };

/** A column that shows a label of the table's queries. */
export type LabelColumn = Headed & { label: string };

/** A column that shows the value of a query of its own. */
export type ValueColumn = Headed & { value: string };

export type Column = LabelColumn | ValueColumn;

/** A query that gives a table its labels; its value says nothing. */
export type Labels = { labelsOf: string };

export const severity: LabelColumn = { head: 'Severity', label: 'severity', shown: shown.words(looks.severities) };
export const finding: LabelColumn = { head: 'Finding', label: 'problem' };
export const owner: LabelColumn = { head: 'Owner', label: 'owner' };
export const identity: LabelColumn = { head: 'Identity', label: 'identity' };
export const mode: LabelColumn = { head: 'Mode', label: 'mode', shown: shown.words(looks.modes) };

/** Where a handshake failed, and why. */
export const failure: LabelColumn[] = [
  { head: 'Stage', label: 'stage' },
  { head: 'Reason', label: 'reason' },
  { head: 'TLS alert', label: 'alert' },
];

/** Columns of which a click opens what the cell names. */
export const openTarget: LabelColumn = { head: 'Target', label: 'target', shown: toTarget() };
export const openIdentity: LabelColumn = { head: 'Identity', label: 'identity', shown: toIdentity() };
export const openRunbook: LabelColumn = { head: 'Alert', label: 'alertname', shown: toRunbook() };

/** What was judged, in the words for its values. */
export const judged = (head: string, value: string, words: ValueMapping[]): ValueColumn => ({ head, value, shown: shown.words(words) });

/** The days that are left, in the colour of their urgency. */
export const daysLeft = (value: string): ValueColumn => ({ head: 'Days left', value, shown: shown.daysLeft() });

/** A count that is neither well nor ill. */
export const count = (head: string, value: string): ValueColumn => ({ head, value, shown: shown.unit('short', 0) });

/** A point in time, of seconds since 1970. */
export const time = (head: string, seconds: string): ValueColumn => ({ head, value: `${seconds} * 1000`, shown: shown.unit('dateTimeAsIso') });

const asks = (part: Column | Labels): string | undefined =>
  'labelsOf' in part ? part.labelsOf : 'value' in part ? part.value : undefined;

/** What Grafana calls a part of a table before `organize` gives it its head; a single query's value has no letter. */
function fieldNames(parts: (Column | Labels)[]): string[] {
  const single = parts.filter((part) => asks(part) !== undefined).length === 1;
  let letter = 'A'.charCodeAt(0);
  return parts.map((part) => {
    if ('label' in part) return part.label;
    const name = single ? 'Value' : `Value #${String.fromCharCode(letter)}`;
    letter += 1;
    return name;
  });
}

/**
 * Rows of labels and values as of now. Queries are joined on the labels they share, so all of a table's queries group by
 * its rows; columns stand in the order given. Sorted by `worst`, the columns that say so, smallest first.
 */
export function table(title: string, description: string, parts: (Column | Labels)[], worst: string[] = []): TableBuilder {
  const names = fieldNames(parts);
  const columns = parts.map((part, index) => ({ part, name: names[index]!, index }));
  const headed = columns.filter((column) => 'head' in column.part);
  const panel = new TableBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .height(9)
    .span(24)
    .unit('none')
    .noValue('-')
    .filterable(true)
    .cellHeight(TableCellHeight.Sm)
    .thresholds(looks.neutral())
    .targets(all(...parts.flatMap((part) => asks(part) ?? []).map(rows)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: Object.fromEntries(
          ['Time', ...columns.filter((column) => 'labelsOf' in column.part).map((column) => column.name)].map((name) => [name, true]),
        ),
        indexByName: Object.fromEntries(columns.map((column) => [column.name, column.index])),
        renameByName: Object.fromEntries(headed.map(({ part, name }) => [name, (part as Column).head])),
      },
    })
    .sortBy(worst.map((head) => new TableSortByFieldStateBuilder().displayName(head).desc(false)));
  for (const { part } of headed) {
    const column = part as Column;
    // A cell without a value is a dash; the panel's own words are for a table without rows.
    const shown = [...(column.shown ?? []), ...('value' in column ? [{ id: 'noValue', value: '-' }] : [])];
    if (shown.length > 0) panel.overrideByName(column.head, shown);
  }
  return panel;
}

/**
 * What `series` there are: a row for each combination of the labels of `columns`, and a word in the rows' place where there
 * is none.
 */
export const listing = (
  title: string,
  description: string,
  series: string,
  columns: LabelColumn[],
  sorting: string[],
  ifNone = 'None',
): TableBuilder =>
  table(title, description, [...columns, { labelsOf: `group by (${columns.map(({ label }) => label).join(', ')}) (${series})` }], sorting)
    .noValue(ifNone);

/** A cell for each pair of two labels, in the word and the colour of its value; the row's label leads to `url`. */
export function matrix(
  title: string,
  description: string,
  cells: { row: string; column: string; expr: string; words: ValueMapping[]; link: DynamicConfigValue[] },
): TableBuilder {
  const { row, column } = cells;
  const corner = `${row}\\${column}`;
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .height(9)
    .span(12)
    .unit('none')
    .noValue('-')
    .cellHeight(TableCellHeight.Sm)
    .thresholds(looks.neutral())
    .mappings(cells.words)
    .cellOptions({ type: TableCellDisplayMode.ColorBackground, mode: TableCellBackgroundDisplayMode.Basic })
    .targets(all(rows(cells.expr)))
    .withTransformation({
      id: 'groupingToMatrix',
      options: { rowField: row, columnField: column, valueField: 'Value', emptyValue: 'null' },
    })
    .overrideByName(corner, [{ id: 'custom.cellOptions', value: { type: 'auto' } }, ...cells.link])
    .sortBy([new TableSortByFieldStateBuilder().displayName(corner).desc(false)]);
}
