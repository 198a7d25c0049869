enum RecuerdePlaceholder {}
