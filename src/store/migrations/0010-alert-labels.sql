-- An alert in the languages that readers ask for, by locale, beside the one of operators in `body`.
alter table alert add column translations jsonb not null default '{}';
-- What a receiver was told of an alert is the places that the message named; its severity never changes.
update notify_group set told = coalesce((select jsonb_object_agg(key, '[]'::jsonb) from jsonb_each(told)), '{}');
update notification set tells = coalesce((select jsonb_object_agg(key, '[]'::jsonb) from jsonb_each(tells)), '{}') where state = 'pending';
