// The panels that the dashboards are made of. Each begins with a title, a description, because a number without its meaning
// helps nobody at three in the morning, and what it asks; each reads the data source chosen above. The rest is Grafana's
// builder. The tables are in tables.ts.

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
  TooltipDisplayMode,
  SortOrder,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

import * as looks from './looks.js';
import { all, datasource, now, type Query } from './queries.js';

const lastValue = (): ReduceDataOptionsBuilder => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);

const legendBelow = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true).calcs([]);

/** One number, or one word, in its colour: a value a series, the series named by `legend`. */
export const stat = (title: string, description: string, expr: string, legend = ''): StatBuilder =>
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
    .thresholds(looks.neutral())
    .targets(all(now(expr, legend)));

/** A count of troubles: green while there are none, then in `color`. */
export const troubles = (title: string, description: string, expr: string, color = looks.bad): StatBuilder =>
  stat(title, description, expr).thresholds(looks.noneIsWell(color));

/** The days until something ends. */
export const daysUntil = (title: string, description: string, expr: string): StatBuilder =>
  stat(title, description, expr).unit(looks.days).decimals(1).thresholds(looks.daysLeft());

/** Lines over time, the largest first below them. */
export const timeSeries = (title: string, description: string, ...queries: Query[]): TimeSeriesBuilder =>
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
    .legend(legendBelow())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(all(...queries));

/** Lines that fall, to 0 and below it: what is left of something, in `unit`. */
export const countdown = (title: string, description: string, unit: string, ...queries: Query[]): TimeSeriesBuilder =>
  timeSeries(title, description, ...queries).unit(unit).axisSoftMin(0).fillOpacity(0);

/** Areas that add up. */
export const stacked = (title: string, description: string, ...queries: Query[]): TimeSeriesBuilder =>
  timeSeries(title, description, ...queries)
    .fillOpacity(60)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));

/** Words over time, a row a series. */
export const states = (title: string, description: string, ...queries: Query[]): StateTimelineBuilder =>
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
    .legend(legendBelow())
    .targets(all(...queries));

/** A bar a series, as of now. */
export const bars = (title: string, description: string, ...queries: Query[]): BarGaugeBuilder =>
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
    .thresholds(looks.neutral())
    .targets(all(...queries));

/** A bar for each thing that ends: the days it has left, in the colour of their urgency. */
export const daysLeft = (title: string, description: string, expr: string, legend: string): BarGaugeBuilder =>
  bars(title, description, now(expr, legend)).unit(looks.days).thresholds(looks.daysLeft());
