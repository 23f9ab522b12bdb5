"""The record of a drill for people: one document, as JSON, as Markdown and as one HTML file that stands by itself."""
