import type { FeedbackService } from '../verdict/feedback-service.ts';

/** The places that act for people. Null: this build has none yet. */
export interface Acts {
  readonly feedback: Pick<FeedbackService, 'give' | 'list'>;
}
