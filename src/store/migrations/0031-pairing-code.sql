-- A code is a link that is typed: what is kept of it is a hash under the secret of the installation.
alter table access_link add column code_key text;
create unique index access_link_code on access_link (code_key) where code_key is not null;
