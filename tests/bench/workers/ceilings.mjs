// The ceilings that every figure is held against: the least that each kind of work can cost on this runtime.
import { DurableObject } from "cloudflare:workers";

/** One counter and one row a hold, group commit: the bare object. */
export class BareObject extends DurableObject {
  #waiting = [];
  #free = 0;

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS stock (id INTEGER PRIMARY KEY, free INTEGER NOT NULL)");
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS holds (id INTEGER PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL)",
    );
    this.#free = ctx.storage.sql.exec("SELECT free FROM stock WHERE id = 1").toArray()[0]?.free ?? 0;
  }

  empty() {
    return 1;
  }

  fill(count) {
    this.ctx.storage.sql.exec("INSERT OR REPLACE INTO stock (id, free) VALUES (1, ?)", count);
    this.#free = count;
  }

  count() {
    return this.ctx.storage.sql.exec("SELECT count(*) AS n FROM holds").one().n;
  }

  hold(key) {
    return new Promise((resolve) => {
      this.#waiting.push({ key, resolve });
      if (this.#waiting.length === 1) setTimeout(() => this.#commit(), 0);
    });
  }

  #commit() {
    const calls = this.#waiting;
    this.#waiting = [];
    const outcomes = this.ctx.storage.transactionSync(() => {
      const before = this.#free;
      const decided = calls.map(({ key }) => {
        if (this.#free === 0) return false;
        this.#free -= 1;
        this.ctx.storage.sql.exec("INSERT INTO holds (key, at) VALUES (?, ?)", key, Date.now());
        return true;
      });
      if (this.#free !== before) this.ctx.storage.sql.exec("UPDATE stock SET free = ? WHERE id = 1", this.#free);
      return decided;
    });
    for (const [index, { resolve }] of calls.entries()) resolve(outcomes[index]);
  }
}

/** The same rows as the platform's own page, list and search read, in one round trip, and nothing else. */
async function askDatabase(db, path, query) {
  if (path === "/d1/page") {
    const [event, media] = await db.batch([
      db.prepare("SELECT * FROM bare_events WHERE id = ?1").bind(query.get("id")),
      db.prepare("SELECT 1 AS one"),
    ]);
    return Response.json({ event: event.results[0], media: media.results });
  }
  if (path === "/d1/list") {
    const page = await db
      .prepare("SELECT * FROM bare_events WHERE starts_at_ms >= ?1 ORDER BY starts_at_ms, id LIMIT 21")
      .bind(Number(query.get("from")))
      .all();
    return Response.json({ data: page.results });
  }
  const found = await db
    .prepare(
      `SELECT bare_events.*, highlight(bare_texts, 0, '<b>', '</b>') AS highlighted FROM bare_texts JOIN bare_events ON bare_events.rowid = bare_texts.rowid
       WHERE bare_texts MATCH ?1 ORDER BY bm25(bare_texts) LIMIT 21`,
    )
    .bind(query.get("q"))
    .all();
  return Response.json({ data: found.results });
}

export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === "/put") {
      const { size } = await env.BENCH_BUCKET.put(crypto.randomUUID(), request.body);
      return Response.json({ sizeBytes: size });
    }
    if (path === "/empty") return new Response("ok");
    if (path.startsWith("/d1/")) return askDatabase(env.BENCH_DB, path, new URL(request.url).searchParams);
    const stub = env.BARE.get(env.BARE.idFromName(new URL(request.url).searchParams.get("object") ?? "one"));
    if (path === "/object") return new Response(String(await stub.empty()));
    if (path === "/fill") {
      await stub.fill(Number(await request.text()));
      return new Response("filled");
    }
    if (path === "/count") return new Response(String(await stub.count()));
    const { key } = await request.json();
    return (await stub.hold(key))
      ? Response.json({ key }, { status: 201 })
      : Response.json({ left: 0 }, { status: 409 });
  },
};
