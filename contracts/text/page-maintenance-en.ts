import type { pageMaintenancePtBr } from './page-maintenance-pt-br.ts';

/** Texts of the page of maintenance windows in English. */
export const pageMaintenanceEn: Record<keyof typeof pageMaintenancePtBr, string> = {
  'page.maintenance.create': 'Plan',
  'page.maintenance.date': 'Day',
  'page.maintenance.days': 'Days on which it begins',
  'page.maintenance.end': 'End for good',
  'page.maintenance.end_time': 'End',
  'page.maintenance.name': 'Name',
  'page.maintenance.new': 'New window',
  'page.maintenance.next': 'Next: {start} to {end}',
  'page.maintenance.none': 'No windows planned.',
  'page.maintenance.now': 'Under way until {end}',
  'page.maintenance.once': '{day}, {start}–{end} ({zone})',
  'page.maintenance.repeat': 'Recurrence',
  'page.maintenance.repeat_once': 'Once',
  'page.maintenance.repeat_weekly': 'Every week',
  'page.maintenance.start': 'Start',
  'page.maintenance.status_active': 'Under way',
  'page.maintenance.status_ended': 'Ended',
  'page.maintenance.status_planned': 'Planned',
  'page.maintenance.title': 'Maintenance windows',
  'page.maintenance.weekly': '{days}, {start}–{end} ({zone})',
  'page.time_next_day': '{at} of the next day',
};
