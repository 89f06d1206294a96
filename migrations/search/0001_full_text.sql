-- The index itself. The texts stay in documents (external content), so nothing is stored twice; prefixes of two and three
-- letters are indexed for suggestions.
CREATE VIRTUAL TABLE documents_fts USING fts5 (
  title, tags, category_name, organization_name, place, summary, description,
  content = 'documents', content_rowid = 'id', prefix = '2 3', tokenize = 'porter unicode61 remove_diacritics 2'
);
--> statement-breakpoint
CREATE TRIGGER documents_inserted AFTER INSERT ON documents WHEN new.listed = 1 BEGIN
  INSERT INTO documents_fts (rowid, title, tags, category_name, organization_name, place, summary, description)
  VALUES (new.id, new.title, new.tags, new.category_name, new.organization_name, new.place, new.summary, new.description);
  INSERT OR IGNORE INTO document_tags (tag, document_id) SELECT value, new.id FROM json_each(new.tag_keys);
END;
--> statement-breakpoint
-- Every change of a text comes with a change of version; news of prices does not touch the index.
CREATE TRIGGER documents_updated AFTER UPDATE OF version ON documents BEGIN
  INSERT INTO documents_fts (documents_fts, rowid, title, tags, category_name, organization_name, place, summary, description)
  SELECT 'delete', old.id, old.title, old.tags, old.category_name, old.organization_name, old.place, old.summary, old.description
  WHERE old.listed = 1;
  DELETE FROM document_tags WHERE document_id = old.id;
  INSERT INTO documents_fts (rowid, title, tags, category_name, organization_name, place, summary, description)
  SELECT new.id, new.title, new.tags, new.category_name, new.organization_name, new.place, new.summary, new.description
  WHERE new.listed = 1;
  INSERT OR IGNORE INTO document_tags (tag, document_id)
  SELECT value, new.id FROM json_each(new.tag_keys) WHERE new.listed = 1;
END;
--> statement-breakpoint
CREATE VIRTUAL TABLE words_fts USING fts5 (word, content = 'words', content_rowid = 'id', tokenize = 'trigram');
--> statement-breakpoint
CREATE TRIGGER words_inserted AFTER INSERT ON words BEGIN
  INSERT INTO words_fts (rowid, word) VALUES (new.id, new.word);
END;
--> statement-breakpoint
CREATE TRIGGER words_deleted AFTER DELETE ON words BEGIN
  INSERT INTO words_fts (words_fts, rowid, word) VALUES ('delete', old.id, old.word);
END;
