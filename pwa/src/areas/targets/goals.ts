/** What people aim at. */
export const GOALS = ['visits', 'new_customers', 'deal_amount', 'received_amount'] as const
export type GoalName = (typeof GOALS)[number]
