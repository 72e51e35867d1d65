-- What the role of the site and of its background process may do. To be run by the owner of the tables after each
-- `db upgrade`: psql --set ON_ERROR_STOP=1 --file deploy/postgresql-roles.sql directory
-- The role is made once: CREATE ROLE directory_site LOGIN PASSWORD '…';
BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM directory_site;
GRANT USAGE ON SCHEMA public TO directory_site;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO directory_site;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO directory_site;
-- The audit: events are added and never changed. Their values may be erased, as the privacy page promises, but not altered.
REVOKE UPDATE, DELETE ON audit_event FROM directory_site;
REVOKE UPDATE ON audit_value FROM directory_site;
-- The ledger holds the head of the chain: its one row moves on and stays.
REVOKE DELETE ON ledger FROM directory_site;
-- Editions of settings are added and never changed.
REVOKE UPDATE, DELETE ON edition FROM directory_site;
-- Migrations are the owner's.
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM directory_site;
COMMIT;
