enum RecuerdeServerPlaceholder {}
