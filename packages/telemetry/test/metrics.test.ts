import { expect, test } from "vitest";
import { createMetrics } from "../src/metrics.ts";

test("a count becomes one data point: the name to find it by, its labels, its value", () => {
  const points: (AnalyticsEngineDataPoint | undefined)[] = [];
  const metrics = createMetrics({ writeDataPoint: (point) => points.push(point) });
  metrics.count("mail.sent");
  metrics.count("mail.sent", { provider: "resend", kind: "order_confirmed" }, 3);
  expect(points).toEqual([
    { indexes: ["mail.sent"], blobs: [], doubles: [1] },
    { indexes: ["mail.sent"], blobs: ["provider=resend", "kind=order_confirmed"], doubles: [3] },
  ]);
});

test("where no dataset is bound, counting does nothing and does not fail", () => {
  expect(() => createMetrics(undefined).count("mail.sent")).not.toThrow();
});
