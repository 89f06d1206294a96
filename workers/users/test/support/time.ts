import { afterEach, beforeEach, vi } from "vitest";

/**
 * Stops the clock for every test of the file that calls this, so that no code's half-minute ends in the middle of one. Time passes when a test
 * says so, for everything that looks at the clock.
 */
export function stopClock(): { readonly pass: (seconds: number) => void } {
  beforeEach(() => void vi.spyOn(Date, "now").mockReturnValue(Date.now()));
  afterEach(() => void vi.restoreAllMocks());
  return {
    pass(seconds) {
      vi.spyOn(Date, "now").mockReturnValue(Date.now() + seconds * 1000);
    },
  };
}
