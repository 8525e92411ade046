-- The queue keeps what a message says, not the form of one channel; each channel renders its own.
alter table notification rename column payload_hash to content_hash;
alter table notification rename column payload to message;

create function neutral_alerts(payload jsonb, wanted text) returns jsonb language sql immutable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'status', a->>'status',
           'severity', a->'labels'->>'severity',
           'labels', a->'labels',
           'annotations', a->'annotations',
           'starts_at', a->>'startsAt',
           'ends_at', nullif(a->>'endsAt', '0001-01-01T00:00:00Z'),
           'fingerprint', a->>'fingerprint') order by place), '[]'::jsonb)
    from jsonb_array_elements(coalesce(payload->'alerts', '[]'::jsonb)) with ordinality as t(a, place)
   where a->>'status' = wanted;
$$;

update notification set message = jsonb_build_object(
  'receiver', receiver,
  'groupKey', group_key,
  'firing', neutral_alerts(message, 'firing'),
  'resolved', neutral_alerts(message, 'resolved'),
  'missed', '[]'::jsonb,
  'externalUrl', coalesce(message->>'externalURL', ''));

drop function neutral_alerts(jsonb, text);
