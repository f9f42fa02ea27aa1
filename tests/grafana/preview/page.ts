// A dashboard as a page of its own: panels where the grid has them, with the answers in them, in Grafana's measures.

import { answers, type Ask, type Choices } from '../ask.js';
import type { Dashboard, Panel } from '../dashboard.js';
import { drawn } from './draw.js';
import { escaped } from './words.js';

export const width = 1600;
const [margin, row, gap] = [16, 30, 8];
const column = (width - 2 * margin + gap) / 24;
const head = 92;

const style = `
  body { margin: 0; background: #111217; color: #ccccdc; font: 14px 'DejaVu Sans', sans-serif; position: relative; }
  h1 { margin: 0; padding: 14px ${margin}px 4px; font-size: 20px; }
  .choices { padding: 4px ${margin}px; font-size: 12px; } .choices span { border: 1px solid #444; border-radius: 2px; padding: 3px 8px; margin-right: 8px; }
  .choices a { color: #6e9fff; margin-right: 12px; }
  .panel { position: absolute; background: #181b1f; border: 1px solid #2c2f36; border-radius: 2px; box-sizing: border-box; overflow: hidden; }
  .panel h2 { font-size: 13px; margin: 0; padding: 6px 8px 4px; font-weight: 600; white-space: nowrap; overflow: hidden; }
  .row { position: absolute; font-size: 16px; font-weight: 600; }
  .body { padding: 0 8px; }
  .stat { display: flex; justify-content: space-around; align-items: center; height: 100%; font-weight: 600; white-space: nowrap; }
  .under { font-size: 14px; font-weight: 400; color: #ccccdc; text-align: center; }
  .nothing { display: flex; justify-content: center; align-items: center; height: 100%; color: #8e8e99; }
  table { border-collapse: collapse; width: 100%; font-size: 12.5px; table-layout: auto; }
  th { text-align: left; color: #6e9fff; font-weight: 600; white-space: nowrap; } td { border-top: 1px solid #2c2f36; }
  th, td { padding: 4px 8px; height: 26px; max-width: 260px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; box-sizing: border-box; }
  .link { color: #6e9fff; text-decoration: underline; }
  .bar { display: flex; align-items: center; margin-bottom: 4px; font-size: 12px; }
  .bar .name { width: 42%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding-right: 8px; }
  .trough { flex: 1; background: #22252b; height: 100%; } .trough span { display: block; height: 100%; opacity: 0.75; }
  .bar .value { width: 76px; text-align: right; font-weight: 600; white-space: nowrap; }
  svg { display: block; } svg text { fill: #9fa0a8; font-size: 11.5px; } svg text.dark { fill: #111; font-weight: 600; } svg line { stroke: #2c2f36; }
  .legend { font-size: 12px; overflow: hidden; } .legend span { margin-right: 14px; white-space: nowrap; } .legend i { display: inline-block; width: 12px; height: 4px; margin-right: 5px; vertical-align: middle; }
`;

function box({ x, y, w, h }: Panel['gridPos']): { left: number; top: number; width: number; height: number } {
  return { left: margin + x * column, top: head + y * (row + gap), width: w * column - gap, height: h * (row + gap) - gap };
}

export interface Picture {
  html: string;
  height: number;
}

export async function picture(dashboard: Dashboard, ask: Ask, choices: Choices, span: { from: number; to: number }): Promise<Picture> {
  const parts: string[] = [];
  for (const panel of dashboard.panels) {
    const at = box(panel.gridPos);
    const place = `left:${at.left}px;top:${at.top}px;width:${at.width}px;height:${at.height}px`;
    if (panel.type === 'row') {
      parts.push(`<div class="row" style="${place}">⌄ ${escaped(panel.title ?? '')}</div>`);
      continue;
    }
    const [bodyWidth, bodyHeight] = [at.width - 18, at.height - 36];
    const body = drawn({ panel, found: await answers(ask, dashboard, panel, choices), span, width: bodyWidth, height: bodyHeight });
    parts.push(`<div class="panel" style="${place}"><h2>${escaped(panel.title ?? '')}</h2><div class="body" style="height:${bodyHeight}px">${body}</div></div>`);
  }
  const chosen = dashboard.templating.list
    .filter((one) => one.label !== undefined)
    .map((one) => `<span>${escaped(one.label!)}: ${escaped(choices[one.name] ?? 'All')}</span>`);
  const links = (dashboard.links ?? []).map((link) => `<a>${escaped(link.title)}</a>`);
  const height = head + Math.max(...dashboard.panels.map(({ gridPos: at }) => at.y + at.h)) * (row + gap) + margin;
  const html = `<!doctype html><meta charset="utf-8"><title>${escaped(dashboard.title)}</title><style>${style}</style>
    <body style="width:${width}px;height:${height}px"><h1>${escaped(dashboard.title)}</h1><div class="choices">${chosen.join('')}${links.join('')}</div>${parts.join('\n')}</body>`;
  return { html, height };
}
