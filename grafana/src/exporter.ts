// The exporter itself: whether it runs, keeps its pace and has the configuration that lies on disk.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard } from './frame.js';
import * as looks from './looks.js';
import { stacked, stat, table, timeSeries } from './panels.js';
import { all, exporter, now, overTime } from './queries.js';

const { shown } = looks;

const rate = (family: string, ...matchers: string[]): string => `rate(${family}${exporter(...matchers)}[$__rate_interval])`;
const lag = (share: number): string => `histogram_quantile(${share}, sum by (le) (${rate('mtls_exporter_schedule_lag_seconds_bucket')}))`;

function glance(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('At a glance'))
    .withPanel(
      stat('Scraped', 'Whether Prometheus reaches every exporter chosen.')
        .mappings(looks.upOrDown)
        .targets(all(now(`min(up${exporter()})`))),
    )
    .withPanel(
      stat('Configuration', 'Whether the configuration file as it is now is in use. If not, the last one that could be read is.')
        .mappings(looks.words({ 1: ['in use', looks.good], 0: ['refused', looks.bad] }))
        .targets(all(now(`min(mtls_exporter_config_last_reload_successful${exporter()})`))),
    )
    .withPanel(
      stat('Loaded', 'When the configuration was last loaded.')
        .unit('dateTimeFromNow')
        .targets(all(now(`max(mtls_exporter_config_last_reload_success_timestamp_seconds${exporter()}) * 1000`))),
    )
    .withPanel(
      stat('Targets', 'Targets being watched by the exporters chosen.').targets(all(now(`sum(mtls_exporter_targets${exporter()})`))),
    )
    .withPanel(
      stat('Probes per second', 'Finished probes, whatever their result.')
        .unit('cps')
        .targets(all(now(`sum(${rate('mtls_exporter_probe_results_total')})`))),
    )
    .withPanel(
      stat('Lateness', 'How much later than planned probes begin: 99 of 100 begin earlier than this.')
        .unit('s')
        .thresholds(looks.lateness())
        .targets(all(now(lag(0.99)))),
    );
}

function builds(page: DashboardBuilder): void {
  const by = 'by (job, instance)';
  page.withPanel(
    table(
      'Exporters',
      'Which build runs where, since when, with how many targets.',
      [
        { head: 'Job', label: 'job' },
        { head: 'Instance', label: 'instance' },
        { head: 'Version', label: 'version' },
        { head: 'Compiler', label: 'compiler' },
        { labelsOf: `group by (job, instance, version, compiler) (mtls_exporter_build_info${exporter()})` },
        { head: 'Targets', value: `max ${by} (mtls_exporter_targets${exporter()})` },
        { head: 'Started', value: `max ${by} (process_start_time_seconds${exporter()}) * 1000`, shown: shown.unit('dateTimeAsIso') },
        {
          head: 'Configuration loaded',
          value: `max ${by} (mtls_exporter_config_last_reload_success_timestamp_seconds${exporter()}) * 1000`,
          shown: shown.unit('dateTimeAsIso'),
        },
        { head: 'Scrape takes', value: `max ${by} (scrape_duration_seconds${exporter()})`, shown: shown.unit('s') },
        { head: 'Samples', value: `max ${by} (scrape_samples_scraped${exporter()})`, shown: shown.unit('short', 0) },
      ],
      ['Instance'],
    ).height(5),
  );
}

function work(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Work'))
    .withPanel(
      stacked('Results by reason', 'Finished probes per second, by the stage and reason they failed on.')
        .unit('cps')
        .targets(
          all(
            overTime(`sum(${rate('mtls_exporter_probe_results_total', 'stage="none"')})`, 'did not fail'),
            overTime(`sum by (stage, reason) (${rate('mtls_exporter_probe_results_total', 'stage!="none"')}) > 0`, '{{stage}}: {{reason}}'),
          ),
        ),
    )
    .withPanel(
      timeSeries('Lateness over time', 'How much later than planned probes begin. A line that rises says that there is more to do than can be done.')
        .unit('s')
        .min(0)
        .targets(all(overTime(lag(0.5), 'half'), overTime(lag(0.9), '9 of 10'), overTime(lag(0.99), '99 of 100'))),
    )
    .withPanel(
      timeSeries('Probes in flight', 'Probes under way at the moment of the scrape.')
        .min(0)
        .decimals(0)
        .targets(all(overTime(`sum by (instance) (mtls_exporter_probes_in_flight${exporter()})`, '{{instance}}'))),
    )
    .withPanel(
      timeSeries('Read and judged', 'Certificates whose facts were read and chains that were judged, per second. Both are remembered: a quiet estate needs almost none.')
        .unit('cps')
        .min(0)
        .targets(
          all(
            overTime(`sum(${rate('mtls_exporter_certificates_read_total')})`, 'certificates read'),
            overTime(`sum(${rate('mtls_exporter_chains_judged_total')})`, 'chains judged'),
          ),
        ),
    );
}

function means(page: DashboardBuilder): void {
  const instance = '{{instance}}';
  page
    .withRow(new RowBuilder('What it takes'))
    .withPanel(
      timeSeries('CPU', 'Cores in use.')
        .span(8)
        .min(0)
        .targets(all(overTime(`sum by (instance) (${rate('process_cpu_seconds_total')})`, instance))),
    )
    .withPanel(
      timeSeries('Memory', 'Resident memory.')
        .span(8)
        .unit('bytes')
        .min(0)
        .targets(all(overTime(`max by (instance) (process_resident_memory_bytes${exporter()})`, instance))),
    )
    .withPanel(
      timeSeries('File descriptors', 'Open descriptors; a probe takes one, a scrape another.')
        .span(8)
        .min(0)
        .decimals(0)
        .targets(all(overTime(`max by (instance) (process_open_fds${exporter()})`, instance))),
    )
    .withPanel(
      timeSeries('Scrape: duration', 'How long Prometheus waits for a scrape.')
        .unit('s')
        .min(0)
        .targets(all(overTime(`max by (instance) (scrape_duration_seconds${exporter()})`, instance))),
    )
    .withPanel(
      timeSeries('Scrape: size', 'Samples in a scrape. It grows with the estate and with `metrics.detail`.')
        .min(0)
        .targets(all(overTime(`max by (instance) (scrape_samples_scraped${exporter()})`, instance))),
    );
}

export function exporterPage(): DashboardBuilder {
  const page = dashboard('mtls-exporter', 'mTLS / Exporter', 'The exporter itself: whether it runs, keeps its pace, and has the configuration that lies on disk. Its own metrics know no owner.');
  glance(page);
  builds(page);
  work(page);
  means(page);
  return page;
}
