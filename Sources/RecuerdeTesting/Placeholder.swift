enum RecuerdeTestingPlaceholder {}
