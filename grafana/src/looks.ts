// Colours, units and words that mean the same on every dashboard: red is broken, orange is soon, green is well, grey is
// unknown or not asked. Words stand beside every colour, for those who do not see the difference.

import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Threshold,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** Days as days: Grafana's own unit turns 90 of them into weeks. */
export const days = 'suffix:d';

export const good = 'green';
export const soon = 'orange';
export const bad = 'red';
export const unknown = 'text';

export type Word = [text: string, color: string];

/** Values and the words shown in their place. */
export const words = (table: Record<string, Word>): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(table).map(([value, [text, color]], index) => [value, { text, color, index }]),
    ),
  },
];

export const yesOrNo = words({ 1: ['yes', good], 0: ['no', bad] });
export const asExpected = words({ 1: ['as expected', good], 0: ['finding', bad] });
export const upOrDown = words({ 1: ['up', good], 0: ['down', bad] });
export const certificate = words({ 1: ['accepted', good], 0: ['refused', bad] });
export const trusted = words({ 1: ['trusted', good], 0: ['not trusted', bad] });
export const matches = words({ 1: ['matches', good], 0: ['another', bad] });
export const door = words({ 1: ['enforced', good], 0: ['a hole', bad] });
/** What became of our certificate, as the cells of a matrix; every word a number, worst first. */
export const verdicts = words({
  0: ['refused', bad],
  1: ['down', 'purple'],
  2: ['unconfirmed', soon],
  3: ['not requested', unknown],
  4: ['accepted', good],
});
/** What a knock was answered. */
export const answers = words({ 0: ['admitted', bad], 1: ['undetermined', unknown], 2: ['refused', good] });
export const answerWords = words({ admitted: ['admitted', bad], undetermined: ['undetermined', unknown], refused: ['refused', good] });
export const modes = words({
  open: ['open', bad],
  any_certificate: ['any_certificate', bad],
  optional: ['optional', 'blue'],
  none: ['none', 'blue'],
  undetermined: ['undetermined', unknown],
  required: ['required', good],
});
export const asked = words({ 1: ['yes', unknown], 0: ['no', unknown] });
export const firing = words({ 1: ['failing', bad] });
export const severities = words({ critical: ['critical', bad], warning: ['warning', soon], info: ['info', 'blue'] });

const thresholds = (...steps: Threshold[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);

/** Days until something ends: the severities of the alert rules, for a certificate of 90 days and more. */
export const daysLeftSteps: Threshold[] = [
  { value: null, color: 'dark-red' },
  { value: 0, color: bad },
  { value: 7, color: soon },
  { value: 30, color: good },
];
export const daysLeft = (): ThresholdsConfigBuilder => thresholds(...daysLeftSteps);

/** A count of troubles: none is well. */
export const noneIsWell = (color = bad): ThresholdsConfigBuilder =>
  thresholds({ value: null, color: good }, { value: 1, color });

/** A count that is neither well nor ill. */
export const neutral = (): ThresholdsConfigBuilder => thresholds({ value: null, color: unknown });

/** A count of what is well. */
export const well = (): ThresholdsConfigBuilder => thresholds({ value: null, color: good });

/** A share of 1 that should be all of it. */
export const shareSteps = (): ThresholdsConfigBuilder =>
  thresholds({ value: null, color: bad }, { value: 0.9, color: soon }, { value: 0.99, color: good });

/** Seconds of lateness. */
export const lateness = (): ThresholdsConfigBuilder =>
  thresholds({ value: null, color: good }, { value: 1, color: soon }, { value: 10, color: bad });

/** The colour of a value is the colour of its step, or of the word it is mapped to. */
export const byThreshold = (): FieldColorBuilder => new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

/** How one column of a table is shown, where it differs from the others. */
export const shown = {
  unit: (unit: string, decimals?: number): DynamicConfigValue[] => [
    { id: 'unit', value: unit },
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
  ],
  words: (mappings: ValueMapping[]): DynamicConfigValue[] => [
    { id: 'mappings', value: mappings },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ],
  daysLeft: (): DynamicConfigValue[] => [
    { id: 'unit', value: days },
    { id: 'decimals', value: 1 },
    { id: 'thresholds', value: { mode: 'absolute', steps: daysLeftSteps } },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ],
  /** The whole cell in the colour of its word. */
  cells: (mappings: ValueMapping[]): DynamicConfigValue[] => [
    { id: 'mappings', value: mappings },
    { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
  ],
  /** Revocation lists live for days, not for months. */
  daysLeftOfList: (): DynamicConfigValue[] => [
    { id: 'unit', value: days },
    { id: 'decimals', value: 1 },
    { id: 'thresholds', value: { mode: 'absolute', steps: [{ value: null, color: bad }, { value: 1, color: soon }, { value: 2, color: good }] } },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ],
  width: (pixels: number): DynamicConfigValue[] => [{ id: 'custom.width', value: pixels }],
  /** A count of troubles. */
  count: (): DynamicConfigValue[] => [
    { id: 'unit', value: 'short' },
    { id: 'decimals', value: 0 },
    { id: 'thresholds', value: { mode: 'absolute', steps: [{ value: null, color: good }, { value: 1, color: bad }] } },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ],
};
