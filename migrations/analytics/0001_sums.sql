CREATE TRIGGER facts_inserted AFTER INSERT ON facts BEGIN
  INSERT INTO hourly (event_id, kind, hour_ms, currency, count, tickets, amount_minor)
  VALUES (new.event_id, new.kind, new.at_ms - new.at_ms % 3600000, new.currency, new.count, new.tickets, new.amount_minor)
  ON CONFLICT (event_id, kind, hour_ms, currency) DO UPDATE SET count = count + excluded.count, tickets = tickets + excluded.tickets,
    amount_minor = amount_minor + excluded.amount_minor;
  INSERT INTO totals (event_id, kind, currency, count, tickets, amount_minor, updated_at_ms)
  VALUES (new.event_id, new.kind, new.currency, new.count, new.tickets, new.amount_minor, new.recorded_at_ms)
  ON CONFLICT (event_id, kind, currency) DO UPDATE SET count = count + excluded.count, tickets = tickets + excluded.tickets,
    amount_minor = amount_minor + excluded.amount_minor, updated_at_ms = max(updated_at_ms, excluded.updated_at_ms);
  INSERT INTO event_owners (event_id, organization_id) SELECT new.event_id, new.organization_id
  WHERE new.organization_id IS NOT NULL ON CONFLICT (event_id) DO NOTHING;
END;
--> statement-breakpoint
-- An earlier telling of a known fact: it moves to its true hour, with what it says.
CREATE TRIGGER facts_moved AFTER UPDATE OF at_ms ON facts BEGIN
  UPDATE hourly SET count = count - old.count, tickets = tickets - old.tickets, amount_minor = amount_minor - old.amount_minor
  WHERE event_id = old.event_id AND kind = old.kind AND hour_ms = old.at_ms - old.at_ms % 3600000 AND currency = old.currency;
  DELETE FROM hourly
  WHERE event_id = old.event_id AND kind = old.kind AND hour_ms = old.at_ms - old.at_ms % 3600000 AND currency = old.currency
    AND count = 0;
  UPDATE totals SET count = count - old.count, tickets = tickets - old.tickets, amount_minor = amount_minor - old.amount_minor
  WHERE event_id = old.event_id AND kind = old.kind AND currency = old.currency;
  DELETE FROM totals WHERE event_id = old.event_id AND kind = old.kind AND currency = old.currency AND count = 0;
  INSERT INTO hourly (event_id, kind, hour_ms, currency, count, tickets, amount_minor)
  VALUES (new.event_id, new.kind, new.at_ms - new.at_ms % 3600000, new.currency, new.count, new.tickets, new.amount_minor)
  ON CONFLICT (event_id, kind, hour_ms, currency) DO UPDATE SET count = count + excluded.count, tickets = tickets + excluded.tickets,
    amount_minor = amount_minor + excluded.amount_minor;
  INSERT INTO totals (event_id, kind, currency, count, tickets, amount_minor, updated_at_ms)
  VALUES (new.event_id, new.kind, new.currency, new.count, new.tickets, new.amount_minor, new.recorded_at_ms)
  ON CONFLICT (event_id, kind, currency) DO UPDATE SET count = count + excluded.count, tickets = tickets + excluded.tickets,
    amount_minor = amount_minor + excluded.amount_minor, updated_at_ms = max(updated_at_ms, excluded.updated_at_ms);
END;
