-- Finds people by any part of an address or a name. The index keeps trigrams and no texts: what it finds is read from the table.
CREATE VIRTUAL TABLE users_fts USING fts5 (email, name, content = '', contentless_delete = 1, tokenize = 'trigram');
--> statement-breakpoint
INSERT INTO users_fts (rowid, email, name) SELECT rowid, email, name FROM users;
--> statement-breakpoint
CREATE TRIGGER users_fts_insert AFTER INSERT ON users
BEGIN
  INSERT INTO users_fts (rowid, email, name) VALUES (new.rowid, new.email, new.name);
END;
--> statement-breakpoint
CREATE TRIGGER users_fts_update AFTER UPDATE OF email, name ON users
BEGIN
  INSERT OR REPLACE INTO users_fts (rowid, email, name) VALUES (new.rowid, new.email, new.name);
END;
--> statement-breakpoint
CREATE TRIGGER users_fts_delete AFTER DELETE ON users
BEGIN
  DELETE FROM users_fts WHERE rowid = old.rowid;
END;
