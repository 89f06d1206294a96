-- The usual categories, so that a fresh platform can be browsed. Administrators change them as they like.
INSERT INTO categories (id, slug, name, version) VALUES
  ('cat_00000000000000000000000001', 'arts', 'Arts & theatre', 1),
  ('cat_00000000000000000000000002', 'business', 'Business', 1),
  ('cat_00000000000000000000000003', 'charity', 'Charity & causes', 1),
  ('cat_00000000000000000000000004', 'community', 'Community', 1),
  ('cat_00000000000000000000000005', 'education', 'Education', 1),
  ('cat_00000000000000000000000006', 'family', 'Family', 1),
  ('cat_00000000000000000000000007', 'fashion', 'Fashion & beauty', 1),
  ('cat_00000000000000000000000008', 'festivals', 'Festivals', 1),
  ('cat_00000000000000000000000009', 'film', 'Film & media', 1),
  ('cat_00000000000000000000000010', 'food-drink', 'Food & drink', 1),
  ('cat_00000000000000000000000011', 'health', 'Health & wellness', 1),
  ('cat_00000000000000000000000012', 'music', 'Music', 1),
  ('cat_00000000000000000000000013', 'nightlife', 'Nightlife', 1),
  ('cat_00000000000000000000000014', 'sports', 'Sports & fitness', 1),
  ('cat_00000000000000000000000015', 'technology', 'Technology', 1),
  ('cat_00000000000000000000000016', 'travel', 'Travel & outdoor', 1);
