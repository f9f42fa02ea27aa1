// The exporter itself: whether it runs, keeps its pace and has the configuration that lies on disk.

import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, section } from './frame.js';
import * as looks from './looks.js';
import { stacked, stat, timeSeries } from './panels.js';
import { exporter, overTime } from './queries.js';
import * as column from './tables.js';
import { table } from './tables.js';

const { shown } = looks;

const rate = (family: string, ...matchers: string[]): string => `rate(${family}${exporter(...matchers)}[$__rate_interval])`;
const lag = (share: number): string => `histogram_quantile(${share}, sum by (le) (${rate('mtls_exporter_schedule_lag_seconds_bucket')}))`;

const reloaded = `mtls_exporter_config_last_reload_success_timestamp_seconds${exporter()}`;
const by = 'by (job, instance)';

const glance = section(
  'At a glance',
  stat('Scraped', 'Whether Prometheus reaches every exporter chosen.', `min(up${exporter()})`).mappings(looks.upOrDown),
  stat(
    'Configuration',
    'Whether the configuration file as it is now is in use. If not, the last one that could be read is.',
    `min(mtls_exporter_config_last_reload_successful${exporter()})`,
  ).mappings(looks.words({ 1: ['in use', looks.good], 0: ['refused', looks.bad] })),
  stat('Loaded', 'When the configuration was last loaded.', `max(${reloaded}) * 1000`).unit('dateTimeFromNow'),
  stat('Targets', 'Targets being watched by the exporters chosen.', `sum(mtls_exporter_targets${exporter()})`),
  stat('Probes per second', 'Finished probes, whatever their result.', `sum(${rate('mtls_exporter_probe_results_total')})`).unit('cps'),
  stat('Lateness', 'How much later than planned probes begin: 99 of 100 begin earlier than this.', lag(0.99))
    .unit('s')
    .thresholds(looks.lateness()),
  table(
    'Exporters',
    'Which build runs where, since when, with how many targets.',
    [
      { head: 'Job', label: 'job' },
      { head: 'Instance', label: 'instance' },
      { head: 'Version', label: 'version' },
      { head: 'Revision', label: 'revision' },
      { head: 'OpenSSL', label: 'openssl' },
      { head: 'Compiler', label: 'compiler' },
      { labelsOf: `group by (job, instance, version, revision, openssl, compiler) (mtls_exporter_build_info${exporter()})` },
      { head: 'Targets', value: `max ${by} (mtls_exporter_targets${exporter()})` },
      column.time('Started', `max ${by} (process_start_time_seconds${exporter()})`),
      column.time('Configuration loaded', `max ${by} (${reloaded})`),
      { head: 'Scrape takes', value: `max ${by} (scrape_duration_seconds${exporter()})`, shown: shown.unit('s') },
      column.count('Samples', `max ${by} (scrape_samples_scraped${exporter()})`),
    ],
    ['Instance'],
  ).height(5),
);

const perInstance = (how: 'max' | 'sum', expr: string) => overTime(`${how} by (instance) (${expr})`, '{{instance}}');

const work = section(
  'Work',
  stacked(
    'Results by reason',
    'Finished probes per second, by the stage and reason they failed on.',
    overTime(`sum(${rate('mtls_exporter_probe_results_total', 'stage="none"')})`, 'did not fail'),
    overTime(`sum by (stage, reason) (${rate('mtls_exporter_probe_results_total', 'stage!="none"')}) > 0`, '{{stage}}: {{reason}}'),
  ).unit('cps'),
  timeSeries(
    'Lateness over time',
    'How much later than planned probes begin. A line that rises says that there is more to do than can be done.',
    overTime(lag(0.5), 'half'),
    overTime(lag(0.9), '9 of 10'),
    overTime(lag(0.99), '99 of 100'),
  )
    .unit('s')
    .min(0),
  timeSeries(
    'Probes in flight',
    'Probes under way at the moment of the scrape.',
    perInstance('sum', `mtls_exporter_probes_in_flight${exporter()}`),
  )
    .min(0)
    .decimals(0),
  timeSeries(
    'Read and judged',
    'Certificates whose facts were read and chains that were judged, per second. Both are remembered: a quiet estate needs almost none.',
    overTime(`sum(${rate('mtls_exporter_certificates_read_total')})`, 'certificates read'),
    overTime(`sum(${rate('mtls_exporter_chains_judged_total')})`, 'chains judged'),
  )
    .unit('cps')
    .min(0),
);

const means = section(
  'What it takes',
  timeSeries('CPU', 'Cores in use.', perInstance('sum', rate('process_cpu_seconds_total')))
    .span(8)
    .min(0),
  timeSeries('Memory', 'Resident memory.', perInstance('max', `process_resident_memory_bytes${exporter()}`))
    .span(8)
    .unit('bytes')
    .min(0),
  timeSeries('File descriptors', 'Open descriptors; a probe takes one, a scrape another.', perInstance('max', `process_open_fds${exporter()}`))
    .span(8)
    .min(0)
    .decimals(0),
  timeSeries('Scrape: duration', 'How long Prometheus waits for a scrape.', perInstance('max', `scrape_duration_seconds${exporter()}`))
    .unit('s')
    .min(0),
  timeSeries(
    'Scrape: size',
    'Samples in a scrape. It grows with the estate and with `metrics.detail`.',
    perInstance('max', `scrape_samples_scraped${exporter()}`),
  ).min(0),
);

export const exporterPage = (): DashboardBuilder =>
  dashboard(
    'mtls-exporter',
    'mTLS / Exporter',
    'The exporter itself: whether it runs, keeps its pace, and has the configuration that lies on disk. Its own metrics know no owner.',
    [],
    [glance, work, means],
  );
