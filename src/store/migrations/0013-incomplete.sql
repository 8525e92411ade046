-- A minute of which a row of a file with a count was refused: its counts are too low, and nobody judges it.
alter table minute drop constraint minute_state_check;
alter table minute add constraint minute_state_check check (state in ('observed', 'zero', 'silent', 'incomplete'));
