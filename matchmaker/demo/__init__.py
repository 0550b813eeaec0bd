"""The sample campaign: 临澜县, its firms, universities, people, meetings. All of it is invented."""
