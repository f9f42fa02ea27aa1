// The panels that the dashboards are made of. Each begins with a title and a description, because a number without its
// meaning helps nobody at three in the morning; each reads the data source chosen above. The rest is Grafana's builder.

import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  SortOrder,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

import * as looks from './looks.js';
import { all, datasource, rows } from './queries.js';

const lastValue = (): ReduceDataOptionsBuilder => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);

/** One number, or one word, in its colour. */
export const stat = (title: string, description: string): StatBuilder =>
  new StatBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .height(4)
    .span(4)
    .unit('short')
    .noValue('-')
    .reduceOptions(lastValue())
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .colorScheme(looks.byThreshold())
    .thresholds(looks.neutral());

/** Lines over time, the largest first below them. */
export const timeSeries = (title: string, description: string): TimeSeriesBuilder =>
  new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .height(8)
    .span(12)
    .unit('short')
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));

/** Areas that add up. */
export const stacked = (title: string, description: string): TimeSeriesBuilder =>
  timeSeries(title, description)
    .fillOpacity(60)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));

/** Words over time, a row a series. */
export const states = (title: string, description: string): StateTimelineBuilder =>
  new StateTimelineBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .height(8)
    .span(24)
    .unit('short')
    .showValue(VisibilityMode.Auto)
    .mergeValues(true)
    .fillOpacity(70)
    .lineWidth(0)
    .rowHeight(0.9)
    .colorScheme(looks.byThreshold())
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    );

/** A bar a series, as of now. */
export const bars = (title: string, description: string): BarGaugeBuilder =>
  new BarGaugeBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .height(8)
    .span(12)
    .unit('short')
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Color)
    .showUnfilled(true)
    .reduceOptions(lastValue())
    .colorScheme(looks.byThreshold())
    .thresholds(looks.neutral());

/** A column of a table: a label of the queries, or the value of one; how it is shown where that differs from the others. */
export type Column = { head: string; shown?: DynamicConfigValue[] } & ({ label: string } | { value: string });

/** A query that gives a table its labels; its value says nothing. */
export type Labels = { labelsOf: string };

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
