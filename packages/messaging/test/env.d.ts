declare global {
  namespace Cloudflare {
    interface Env {
      readonly DB: D1Database;
      readonly QUEUE: Queue;
    }
  }
}

export {};
