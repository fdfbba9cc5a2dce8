/** How the two kinds of schedules are named: in paths, in permissions, in the rules of a role. */
export const PIM_KINDS = {
  assignment: { segment: "roleAssignmentSchedule", permission: "RoleAssignmentSchedule", level: "Admin_Assignment" },
  eligibility: {
    segment: "roleEligibilitySchedule",
    permission: "RoleEligibilitySchedule",
    level: "Admin_Eligibility",
  },
} as const;
