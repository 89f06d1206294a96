/** Port for counters. In production it is an Analytics Engine dataset; where none is bound, nothing is counted. */
export interface Metrics {
  /** Counts one occurrence. Labels are few and of few values; no ids. */
  count(name: string, labels?: Readonly<Record<string, string>>, value?: number): void;
}

/** Metrics over an Analytics Engine dataset: index is the name, blobs are the labels, the double is the value. */
export function createMetrics(dataset: AnalyticsEngineDataset | undefined): Metrics {
  return {
    count(name, labels = {}, value = 1) {
      dataset?.writeDataPoint({
        indexes: [name],
        blobs: Object.entries(labels).map(([key, label]) => `${key}=${label}`),
        doubles: [value],
      });
    },
  };
}
